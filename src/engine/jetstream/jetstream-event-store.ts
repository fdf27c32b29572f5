import type { Observable } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { ConnectionState } from './connection/connection-state.ts';

/** A store on a JetStream stream: what every store does, and what is told of the server. */
export interface JetStreamEventStore<E extends Event = Event> extends EventStore<E> {
  /**
   * Whether `storeEvents` stores all or none, under contiguous numbers. It does not here: the events are stored in
   * order, those of others may come in between, and a failure on the way is a `PartialBatchError`.
   */
  readonly atomicBatches: boolean;

  /**
   * The present state of the connection, then each that follows; it completes behind `'closed'`. While it is
   * `'reconnecting'`, appends wait and reads fail with a `StoreError` after some seconds.
   *
   * @example
   * store.connection$.subscribe((state) => health.set('events', state === 'connected'));
   */
  readonly connection$: Observable<ConnectionState>;
}
