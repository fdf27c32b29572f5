/**
 * A log with its events in a stream of JetStream.
 *
 * JetStream has no transaction that includes the tables, which are in an LMDB file. A batch is therefore stored in two
 * steps: the events, then the import record. If the process is killed between the two steps, the record is corrected when the
 * log is opened again.
 */
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { DemoError } from './command-line.ts';
import {
  cannotOpen,
  type DemoLog,
  deleteFile,
  type FileEvent,
  isDemoFile,
  type LogPlace,
  openTables,
  recordAfter,
} from './open-log.ts';
import { assertNotTruncated, missingRecord, reconcile } from './reconcile-stream.ts';
import type { StreamAddress } from './stream-address.ts';

/** Description of the demo's streams, set before the first event. It distinguishes them from other streams. */
const DESCRIPTION = 'git-history, the demo of rx-watcher';

/** Returns the place of a log in a stream. */
export function streamPlace(address: StreamAddress): LogPlace {
  const { url, server, tables } = address;
  return {
    name: url,
    tables,
    async open(fresh) {
      let connection: NatsConnection | undefined;
      try {
        connection = await connect({ servers: server, maxReconnectAttempts: -1 });
        return await openOn(connection, address, fresh);
      } catch (cause) {
        await connection?.close();
        throw cannotOpen(url, cause);
      }
    },
  };
}

async function openOn(connection: NatsConnection, address: StreamAddress, fresh: boolean): Promise<DemoLog> {
  const { url, stream, tables: file } = address;
  const manager = await jetstreamManager(connection);
  let latest = await latestSeqNum(manager, address);
  const hasTables = isDemoFile(file);
  if (fresh) {
    if (latest > 0) await manager.streams.delete(stream);
    if (hasTables) deleteFile(file);
    latest = 0;
  } else if (latest > 0 && !hasTables) {
    throw missingRecord(address, 0);
  }
  const tables = openTables(file);
  try {
    assertNotTruncated(address, tables, latest);
    const events = await openJetStreamStore<FileEvent>({ connection, stream, gcAgeThreshold: 0 });
    if (latest === 0) await manager.streams.update(stream, { description: DESCRIPTION });
    const transaction = async (work: () => void) => {
      tables.env.transactionSync(work);
      tables.env.resetReadTxn(); // the next read must find these changes
    };
    await reconcile(address, { ...tables, events, transaction });
    return {
      ...tables,
      events,
      transaction,
      async storeBatch(batch, before) {
        const after = recordAfter(before, await events.storeEvents(batch));
        if (after.last?.seqNum !== (before.last?.seqNum ?? 0) + batch.length) {
          throw new Error(`cannot continue '${url}': another process appends to the stream`);
        }
        await transaction(() => void tables.imports.put('import', after));
        return after;
      },
      async close() {
        await events.close();
        await connection.close();
        await tables.env.close();
      },
    };
  } catch (error) {
    await tables.env.close();
    throw error;
  }
}

/**
 * Returns the sequence number of the last event in a stream of this demo; 0 if the stream is empty or does not exist.
 *
 * @throws {@link DemoError} if the stream holds anything else.
 */
async function latestSeqNum(
  manager: Awaited<ReturnType<typeof jetstreamManager>>,
  { stream, url }: StreamAddress,
): Promise<number> {
  const found = await manager.streams.info(stream).catch((error: unknown) => {
    const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
    if (isMissing) return undefined;
    throw error;
  });
  const latest = found?.state.last_seq ?? 0;
  if (latest === 0 || found?.config.description === DESCRIPTION) return latest;
  throw new DemoError(
    `cannot use '${url}' as a store: the stream was not created by this demo; it was not changed; name another stream with --store`,
  );
}
