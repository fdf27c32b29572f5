import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Event } from '../../event/event.ts';
import type { Codecs, EventOf } from '../../store/codecs.ts';
import { createEventStore } from '../../store/create-event-store.ts';
import type { EventLog } from '../../store/event-log.ts';
import { silent } from '../../store/logger.ts';
import { type ConnectionWatch, watchConnection } from './connection-state.ts';
import { engineFailure } from './engine-failure.ts';
import { openJetStreamLog } from './jetstream-event-log.ts';
import type { JetStreamEventStore } from './jetstream-event-store.ts';
import {
  type JetStreamStoreOptions,
  type ResolvedJetStreamOptions,
  resolveJetStreamOptions,
} from './jetstream-store-options.ts';
import { createKvTable, type KvTable } from './kv-table.ts';
import { requireStream } from './require-stream.ts';

/** For how long, in milliseconds, the server is to know an event again, unless the caller says otherwise. */
const DUPLICATE_WINDOW = 120_000;

const NANOSECONDS = 1_000_000;

/** What events may take beside their objects: the headers of a message. */
const HEADER_BYTES = 16 * 1024;

async function openConnection({
  servers,
  connection,
  connectionOptions,
}: ResolvedJetStreamOptions): Promise<NatsConnection> {
  if (connection !== undefined) return connection;
  const addresses = typeof servers === 'string' ? servers : [...(servers ?? [])];
  try {
    return await connect({ maxReconnectAttempts: -1, ...connectionOptions, servers: addresses });
  } catch (cause) {
    throw engineFailure(`cannot connect to ${[addresses].flat().join(', ')}`, cause);
  }
}

async function openEventStream(
  manager: JetStreamManager,
  storedSubjects: string,
  options: ResolvedJetStreamOptions,
): Promise<number> {
  const { stream, subjectPrefix, replicas, storage, maxBytes, maxAge, duplicateWindow } = options;
  const wanted = {
    name: stream,
    subjects: [`${subjectPrefix}.>`],
    retention: 'limits' as const,
    max_msgs_per_subject: -1,
    republish: { src: `${subjectPrefix}.>`, dest: storedSubjects, headers_only: true },
    ...(replicas !== undefined && { num_replicas: replicas }),
    ...(storage !== undefined && { storage }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    ...(maxAge !== undefined && { max_age: nanos(maxAge) }),
    ...(duplicateWindow !== undefined && { duplicate_window: nanos(duplicateWindow) }),
  };
  const { duplicate_window } = await requireStream(manager, wanted, {
    storage: 'file',
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW, maxAge || DUPLICATE_WINDOW)),
  });
  return duplicate_window / NANOSECONDS;
}

async function openBucket(
  connection: NatsConnection,
  manager: JetStreamManager,
  { checkpointBucket, replicas, storage }: ResolvedJetStreamOptions,
): Promise<KvTable> {
  const chosen = { ...(replicas !== undefined && { replicas }), ...(storage !== undefined && { storage }) };
  // Not read directly: any server of the cluster would answer then, also one that lags behind.
  const bucket = await new Kvm(connection).create(checkpointBucket, {
    history: 1,
    allow_direct: false,
    ...chosen,
  });
  await requireStream(manager, {
    name: `KV_${checkpointBucket}`,
    max_msgs_per_subject: 1,
    max_age: 0,
    ...(replicas !== undefined && { num_replicas: replicas }),
    ...(storage !== undefined && { storage }),
  });
  return createKvTable(bucket);
}

async function openLog(
  connection: NatsConnection,
  watch: ConnectionWatch,
  options: ResolvedJetStreamOptions,
): Promise<EventLog> {
  const { stream, subjectPrefix, connectionOptions, logger = silent } = options;
  const isOwn = options.connection === undefined;
  try {
    const manager = await jetstreamManager(connection);
    const storedSubjects = `${subjectPrefix}-stored.>`;
    const duplicateWindow = await openEventStream(manager, storedSubjects, options);
    const table = await openBucket(connection, manager, options);
    const inboxPrefix = connectionOptions?.inboxPrefix ?? '_INBOX';
    const { state, state$ } = watch;
    return await openJetStreamLog({
      access: { connection, manager, stream, prefix: subjectPrefix, inboxPrefix, state, state$ },
      storedSubjects,
      duplicateWindow,
      table,
      logger,
      async release() {
        watch.end();
        if (isOwn) await connection.close();
      },
    });
  } catch (cause) {
    watch.end();
    if (isOwn) await connection.close();
    throw engineFailure(`cannot open the store on stream '${stream}'`, cause);
  }
}

/**
 * Opens a store on a JetStream stream, with its checkpoints in a bucket; both are made if they are not there.
 *
 * An append resolves when the server has acknowledged it. A server does so before it has flushed, unless it is told
 * otherwise; replicas are what makes that durable.
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
  const { logger = silent } = resolved;
  const connection = await openConnection(resolved);
  const watch = watchConnection(connection, logger);
  const log = await openLog(connection, watch, resolved);
  const largest = (connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEADER_BYTES;
  const store = createEventStore(log, {
    ...resolved,
    maxEventBytes: resolved.maxEventBytes ?? Math.min(1024 * 1024, largest),
  });
  logger.warn(`storeEvents is not atomic on stream '${resolved.stream}': others' events may come in between`);
  return { ...store, atomicBatches: false, connection$: watch.state$ };
}
