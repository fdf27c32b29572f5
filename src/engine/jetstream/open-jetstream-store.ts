import type { Event } from '../../event/event.ts';
import { assembleStore } from '../../store/create-event-store.ts';
import { reporterOf } from '../../store/reporting/logger.ts';
import type { Codecs, EventOf } from '../../store/serialization/codec-serializer.ts';
import { connectJetStream } from './connection/connect.ts';
import type { JetStreamEventStore } from './jetstream-event-store.ts';
import { type JetStreamStoreOptions, resolveJetStreamOptions } from './jetstream-store-options.ts';

/** What events may take beside their objects: the headers of a message. */
const HEADER_BYTES = 16 * 1024;

/**
 * Opens a store on a JetStream stream, with its checkpoints in a bucket; both are made if they are not there.
 *
 * An append resolves when the server has acknowledged it. A server does so before it has flushed, unless it is told
 * otherwise; replicas are what makes that durable.
 *
 * The connection keeps the process alive until it is closed, also with `keepAlive: false`: its client has no option to
 * change that. A connection that the store opened is closed with the store.
 *
 * @throws InvalidOptionsError with every fault at once, also of a stream or bucket that is configured differently.
 * @throws StoreError if there is no server, it refuses the connection, or has no JetStream.
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
  const { log, connection, state$ } = await connectJetStream(resolved);
  const largest = (connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEADER_BYTES;
  const { store } = assembleStore(log, {
    ...resolved,
    maxEventBytes: resolved.maxEventBytes ?? Math.min(1024 * 1024, largest),
  });
  logger.warn(`storeEvents is not atomic on stream '${resolved.stream}': others' events may come in between`);
  return { ...store, atomicBatches: false, connection$: state$ };
}
