import type { Observable } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { assembleStore } from '../../store/create-event-store.ts';
import type { EventStore } from '../../store/event-store.ts';
import { reporterOf } from '../../store/reporting/logger.ts';
import type { Codecs, EventOf } from '../../store/serialization/codec-serializer.ts';
import { connectJetStream } from './connection/connect.ts';
import type { ConnectionState } from './connection/connection-state.ts';
import { type JetStreamStoreOptions, resolveJetStreamOptions } from './jetstream-store-options.ts';

/** Maximum size of the headers of a message, in bytes. The server rejects a message with larger headers. */
const HEADER_BYTES = 64 * 1024;

/** Event store on a JetStream stream, with the state of its connection. */
export interface JetStreamEventStore<E extends Event = Event> extends EventStore<E> {
  /**
   * Whether `storeEvents` stores up to 1000 events atomically, under contiguous sequence numbers. This is the case if the
   * server has version 2.12 or later, and if the stream permits atomic batches. A stream that a store has created on such a
   * server permits them. More than 1000 events are stored in several batches.
   *
   * If `false`, the events are stored one by one in order, and events of other stores can be stored between them. If only
   * some events of a call are stored, the call rejects with a `PartialBatchError`, which contains the sequence numbers of
   * the stored events.
   *
   * During an upgrade of a cluster, a server before version 2.12 can lead the stream. It stores the events one by one even if
   * the value is `true`.
   */
  readonly atomicBatches: boolean;

  /**
   * Emits the current state of the connection and each change. Completes after `'closed'`. In the state `'reconnecting'`,
   * appends wait, and reads fail with a `StoreError` after 5 seconds.
   *
   * @example
   * store.connection$.subscribe((state) => health.set('events', state === 'connected'));
   */
  readonly connection$: Observable<ConnectionState>;
}

/**
 * Opens a store on a JetStream stream, with the checkpoints in a bucket. Creates the stream and the bucket if they do not
 * exist, unless `create` is `false`.
 *
 * The Promise of an append resolves when the server has acknowledged the append. By default, a server acknowledges an append
 * before flushing it to the disk. With `replicas: 3`, for example, an acknowledged event survives the failure of one server.
 *
 * An open connection keeps the process alive, even with `keepAlive: false`, because the NATS client has no option against
 * this. A connection that the store has opened is closed with the store.
 *
 * @throws InvalidOptionsError if an option is not valid, or if the stream or bucket exists with other settings.
 * @throws StoreError if no server answers, or if the server rejects the connection or has no JetStream.
 * @see [From one process to a cluster](../../../docs/guides/from-one-process-to-a-cluster.md)
 * @example
 * const store = await openJetStreamStore({ servers: 'nats://127.0.0.1:4222', stream: 'events' });
 * await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { id: 'j1' } });
 * await store.close();
 */
export function openJetStreamStore<C extends Codecs>(
  options: JetStreamStoreOptions & { readonly codecs: C },
): Promise<JetStreamEventStore<EventOf<C>>>;
export function openJetStreamStore<E extends Event = Event>(
  options: JetStreamStoreOptions,
): Promise<JetStreamEventStore<E>>;
export async function openJetStreamStore(options: JetStreamStoreOptions): Promise<JetStreamEventStore> {
  const resolved = resolveJetStreamOptions(options);
  const logger = reporterOf(resolved.logger);
  const { log, connection, atomicBatches, state$ } = await connectJetStream(resolved);
  const maxPayload = (connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEADER_BYTES;
  const { store } = assembleStore(log, {
    ...resolved,
    maxEventBytes: resolved.maxEventBytes ?? Math.min(1024 * 1024, maxPayload),
  });
  if (!atomicBatches) {
    logger.warn(
      `storeEvents is not atomic on stream '${resolved.stream}': events of other stores may be stored between its events. Atomic batches need nats-server 2.12 or later, and allow_atomic in the configuration of the stream`,
    );
  }
  return { ...store, atomicBatches, connection$: state$ };
}
