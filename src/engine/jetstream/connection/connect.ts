import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Observable } from 'rxjs';
import { reporterOf } from '../../../store/reporting/logger.ts';
import type { EventLog } from '../../contract/event-log.ts';
import { openJetStreamLog } from '../jetstream-event-log.ts';
import type { ResolvedJetStreamOptions } from '../jetstream-store-options.ts';
import { createKvTable, type KvTable } from '../kv/kv-table.ts';
import { type ConnectionState, watchConnection } from './connection-state.ts';
import { ensureStream } from './ensure-stream.ts';
import { createSendRequest, engineFailure, type SendRequest } from './request.ts';

/** Default duplicate window of a new stream, in milliseconds. */
const DUPLICATE_WINDOW = 120_000;

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** Removes the user and password, or the token, before the `@` of an address. */
const withoutCredentials = (address: string): string => address.replace(/^(\w+:\/\/)?.*@/s, '$1');

/**
 * Replaces an error of the URL parser, because the property `input` of this error contains the whole address with the
 * credentials.
 */
function withoutInput(cause: unknown): unknown {
  let depth = 0;
  for (let error = cause; error instanceof Error && depth < 16; error = error.cause, depth++) {
    if ('input' in error) return new TypeError('the address is not a valid URL');
  }
  return cause;
}

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
    const displayed = [addresses].flat().map(withoutCredentials).join(', ');
    throw engineFailure(`cannot connect to ${displayed}`, withoutInput(cause));
  }
}

interface OpenStream {
  /** Time at which the stream was created, as the server formats it. */
  readonly created: string;
  /** Duplicate window, in milliseconds. */
  readonly duplicateWindow: number;
  /** Whether the stream permits atomic batches. */
  readonly atomicBatches: boolean;
}

async function openEventStream(
  manager: JetStreamManager,
  storedSubjects: string,
  options: ResolvedJetStreamOptions,
): Promise<OpenStream> {
  const { stream, subjectPrefix, create = true, replicas, storage } = options;
  const { maxBytes, maxAge, duplicateWindow: window } = options;
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
    ...(window !== undefined && { duplicate_window: nanos(window) }),
  };
  const { config, created } = await ensureStream(manager, wanted, create, {
    storage: 'file',
    // Servers before version 2.12 ignore this setting and do not return it. The returned setting thus shows whether the
    // server has atomic batches.
    allow_atomic: true,
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW, maxAge || DUPLICATE_WINDOW)),
  });
  return {
    created,
    duplicateWindow: config.duplicate_window / NANOSECONDS_PER_MILLISECOND,
    atomicBatches: config.allow_atomic === true,
  };
}

async function openBucket(
  connection: NatsConnection,
  manager: JetStreamManager,
  request: SendRequest,
  { checkpointBucket, create = true, replicas, storage }: ResolvedJetStreamOptions,
): Promise<KvTable> {
  const wanted = {
    name: `KV_${checkpointBucket}`,
    max_msgs_per_subject: 1,
    max_age: 0,
    ...(replicas !== undefined && { num_replicas: replicas }),
    ...(storage !== undefined && { storage }),
  };
  // The NATS client has no option to open a bucket without creating it, so check first that the stream of the bucket exists.
  if (!create) await ensureStream(manager, wanted, create);
  const config = { ...(replicas !== undefined && { replicas }), ...(storage !== undefined && { storage }) };
  // Direct reads are disabled, because any server of the cluster could answer them, even a server that has not received the
  // latest writes.
  const bucket = await new Kvm(connection).create(checkpointBucket, {
    history: 1,
    allow_direct: false,
    ...config,
  });
  if (create) await ensureStream(manager, wanted, create);
  return createKvTable(bucket, { manager, name: checkpointBucket }, request);
}

/** Engine on a stream, and the connection that it uses. */
export interface ConnectedLog {
  readonly log: EventLog;
  /** Connection to the server. It is the connection of the options, or a new connection, which `close` of the log closes. */
  readonly connection: NatsConnection;
  /** Whether the stream permits atomic batches. */
  readonly atomicBatches: boolean;
  /** Emits the current state of the connection and each change. */
  readonly state$: Observable<ConnectionState>;
}

/**
 * Connects to the server and opens the log. Creates a missing stream or bucket, unless `create` is `false`. A call that
 * fails closes the connection that it has opened.
 *
 * @throws {@link InvalidOptionsError} if the stream or the bucket exists with another configuration.
 * @throws {@link StoreError} if no server answers, or if the server rejects the connection or has no JetStream.
 */
export async function connectJetStream(options: ResolvedJetStreamOptions): Promise<ConnectedLog> {
  const { stream, subjectPrefix, connectionOptions } = options;
  const logger = reporterOf(options.logger);
  const connection = await openConnection(options);
  const watch = watchConnection(connection, logger);
  const release = async () => {
    watch.end();
    // The connection is closed without a drain, because no request is in flight, and a drain would wait for an answer of a
    // server that may have ended.
    if (options.connection === undefined) await connection.close();
  };
  try {
    const { state, state$ } = watch;
    const request = createSendRequest(state$);
    const manager = await jetstreamManager(connection);
    const storedSubjects = `${subjectPrefix}-stored.>`;
    const { created, duplicateWindow, atomicBatches } = await openEventStream(
      manager,
      storedSubjects,
      options,
    );
    const table = await openBucket(connection, manager, request, options);
    const inboxPrefix = connectionOptions?.inboxPrefix ?? '_INBOX';
    const client = {
      request,
      connection,
      manager,
      stream,
      created,
      prefix: subjectPrefix,
      inboxPrefix,
      state,
      state$,
    };
    const log = await openJetStreamLog({
      client,
      storedSubjects,
      atomicBatches,
      duplicateWindow,
      table,
      logger,
      release,
    });
    return { log, connection, atomicBatches, state$ };
  } catch (cause) {
    await release();
    throw engineFailure(`cannot open the store on stream '${stream}'`, cause);
  }
}
