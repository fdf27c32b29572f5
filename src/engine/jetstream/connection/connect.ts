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

/** For how long, in milliseconds, the server is to know an event again, unless the caller says otherwise. */
const DUPLICATE_WINDOW = 120_000;

const NANOSECONDS = 1_000_000;

/** An address as it may stand in a message: the part before `@` is a user and a password, or a token. */
const withoutCredentials = (address: string): string => address.replace(/^(\w+:\/\/)?.*@/s, '$1');

/** Replaces an error of the URL parser, which keeps the whole address, credentials included, as its `input`. */
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
    const shown = [addresses].flat().map(withoutCredentials).join(', ');
    throw engineFailure(`cannot connect to ${shown}`, withoutInput(cause));
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
  const { duplicate_window } = await ensureStream(manager, wanted, {
    storage: 'file',
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW, maxAge || DUPLICATE_WINDOW)),
  });
  return duplicate_window / NANOSECONDS;
}

async function openBucket(
  connection: NatsConnection,
  manager: JetStreamManager,
  request: SendRequest,
  { checkpointBucket, replicas, storage }: ResolvedJetStreamOptions,
): Promise<KvTable> {
  const chosen = { ...(replicas !== undefined && { replicas }), ...(storage !== undefined && { storage }) };
  // Not read directly: any server of the cluster would answer then, also one that lags behind.
  const bucket = await new Kvm(connection).create(checkpointBucket, {
    history: 1,
    allow_direct: false,
    ...chosen,
  });
  await ensureStream(manager, {
    name: `KV_${checkpointBucket}`,
    max_msgs_per_subject: 1,
    max_age: 0,
    ...(replicas !== undefined && { num_replicas: replicas }),
    ...(storage !== undefined && { storage }),
  });
  return createKvTable(bucket, request);
}

/** A log, and the connection that it is reached by. */
export interface ConnectedLog {
  /** The engine. */
  readonly log: EventLog;
  /** The connection. */
  readonly connection: NatsConnection;
  /** What becomes of it. */
  readonly state$: Observable<ConnectionState>;
}

/**
 * Connects to the server, and opens the log in a stream; both stream and bucket are made if they are not there.
 *
 * @throws InvalidOptionsError if the stream or the bucket is configured differently.
 * @throws StoreError if there is no server, it refuses the connection, or has no JetStream.
 */
export async function connectJetStream(options: ResolvedJetStreamOptions): Promise<ConnectedLog> {
  const { stream, subjectPrefix, connectionOptions } = options;
  const logger = reporterOf(options.logger);
  const connection = await openConnection(options);
  const watch = watchConnection(connection, logger);
  const release = async () => {
    watch.end();
    // Nothing is under way any more. To drain it would wait for the server, which may be gone.
    if (options.connection === undefined) await connection.close();
  };
  try {
    const { state, state$ } = watch;
    const request = createSendRequest(state$);
    const manager = await jetstreamManager(connection);
    const storedSubjects = `${subjectPrefix}-stored.>`;
    const duplicateWindow = await openEventStream(manager, storedSubjects, options);
    const table = await openBucket(connection, manager, request, options);
    const inboxPrefix = connectionOptions?.inboxPrefix ?? '_INBOX';
    const access = {
      request,
      connection,
      manager,
      stream,
      prefix: subjectPrefix,
      inboxPrefix,
      state,
      state$,
    };
    const log = await openJetStreamLog({ access, storedSubjects, duplicateWindow, table, logger, release });
    return { log, connection, state$ };
  } catch (cause) {
    await release();
    throw engineFailure(`cannot open the store on stream '${stream}'`, cause);
  }
}
