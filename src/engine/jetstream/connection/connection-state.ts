import type { NatsConnection, Status } from '@nats-io/transport-node';
import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';

/** State of the connection between a store and the server. */
export type ConnectionState = 'connected' | 'reconnecting' | 'closed';

/** Observer of the state of a connection. */
export interface ConnectionWatch {
  /** Emits the current state and each change. Completes after `'closed'`. */
  readonly state$: Observable<ConnectionState>;
  readonly state: () => ConnectionState;
  /** Ends the observation and sets the state to `'closed'`. */
  readonly end: () => void;
}

/** Observes a connection and logs its failures. */
export function watchConnection(connection: NatsConnection, logger: Reporter): ConnectionWatch {
  const current$ = new BehaviorSubject<ConnectionState>('connected');
  let isClosed = false;

  const close = () => {
    if (isClosed) return;
    isClosed = true;
    current$.next('closed');
    current$.complete();
  };
  const onStatus = (status: Status) => {
    if (status.type === 'disconnect') {
      logger.warn(`the connection to ${status.server} is lost; reconnecting`);
      current$.next('reconnecting');
    } else if (status.type === 'reconnect') {
      logger.info(`reconnected to ${status.server}`);
      current$.next('connected');
    } else if (status.type === 'error') {
      logger.warn(`the server reports an error: ${textOf(status.error)}`);
    }
  };
  const readStatuses = async () => {
    for await (const status of connection.status()) {
      if (isClosed) return;
      onStatus(status);
    }
  };
  const onClosed = (failure: unknown) => {
    if (!isClosed && failure) {
      logger.error(
        `the connection is closed permanently: ${textOf(failure)}`,
        'RX_WATCHER_CONNECTION_CLOSED',
      );
    }
    close();
  };
  readStatuses().catch(onClosed);
  connection.closed().then(onClosed, onClosed);

  return {
    state$: current$.pipe(distinctUntilChanged()),
    state: () => current$.value,
    end: close,
  };
}
