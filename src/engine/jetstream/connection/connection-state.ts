import type { NatsConnection, Status } from '@nats-io/transport-node';
import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';

/** What goes on between a store and the server. */
export type ConnectionState = 'connected' | 'reconnecting' | 'closed';

/** Follows what becomes of a connection. */
export interface ConnectionWatch {
  /** The present state, then each that follows; completes behind `'closed'`. */
  readonly state$: Observable<ConnectionState>;
  /** The present state. */
  readonly state: () => ConnectionState;
  /** Follows it no more, as if it were closed. */
  readonly end: () => void;
}

/** Follows a connection, and warns of what goes wrong with it. */
export function watchConnection(connection: NatsConnection, logger: Reporter): ConnectionWatch {
  const present$ = new BehaviorSubject<ConnectionState>('connected');
  let isOver = false;

  const close = () => {
    if (isOver) return;
    isOver = true;
    present$.next('closed');
    present$.complete();
  };
  const heed = (status: Status) => {
    if (status.type === 'disconnect') {
      logger.warn(`the connection to ${status.server} is lost: connecting again`);
      present$.next('reconnecting');
    } else if (status.type === 'reconnect') {
      logger.info(`connected again, to ${status.server}`);
      present$.next('connected');
    } else if (status.type === 'error') {
      logger.warn(`the server reports an error: ${textOf(status.error)}`);
    }
  };
  const follow = async () => {
    for await (const status of connection.status()) {
      if (isOver) return;
      heed(status);
    }
  };
  const ended = (failure: unknown) => {
    if (!isOver && failure) {
      logger.error(`the connection is closed for good: ${textOf(failure)}`, 'RX_WATCHER_CONNECTION_CLOSED');
    }
    close();
  };
  follow().catch(ended);
  connection.closed().then(ended, ended);

  return {
    state$: present$.pipe(distinctUntilChanged()),
    state: () => present$.value,
    end: close,
  };
}
