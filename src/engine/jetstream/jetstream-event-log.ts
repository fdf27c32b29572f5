import { defer, firstValueFrom, map, switchMap } from 'rxjs';
import { DuplicateIdError } from '../../errors.ts';
import type { Reporter } from '../../store/reporting/logger.ts';
import type { AppendResult, EventLog, TrimRequest, TrimResult } from '../contract/event-log.ts';
import type { NewRecord, StoredRecord } from '../contract/record.ts';
import { appendInBatches, createAppendBatch } from './append/append-batch.ts';
import { type Appended, createAppendRecord, createResolveDuplicate } from './append/append-record.ts';
import { createImportRecords } from './append/import-records.ts';
import { headerText, parseHeader } from './append/message-format.ts';
import { publishBatch } from './append/publish-batch.ts';
import { createPublisher } from './append/publisher.ts';
import { readExtent, readMessage, type StreamClient } from './connection/stream-client.ts';
import { createCheckpointsTable } from './kv/checkpoints-table.ts';
import { openClock } from './kv/clock.ts';
import { createDeadLettersTable } from './kv/dead-letters-table.ts';
import type { KvTable } from './kv/kv-table.ts';
import { createLeaseReleases, createLeasesTable } from './kv/leases-table.ts';
import { createReportsTable } from './kv/reports-table.ts';
import { createCursorPool } from './read/cursor-pool.ts';
import { readPage } from './read/read-page.ts';
import { seqNumForTimestamp } from './read/seq-num-for-timestamp.ts';
import { singleFlight } from './read/single-flight.ts';
import { createSnapshotBounds } from './read/snapshot-bounds.ts';
import { watchAppends } from './util/append-watcher.ts';
import { createInFlightCounter } from './util/in-flight-counter.ts';
import { createKeyedMutex } from './util/keyed-mutex.ts';

export interface JetStreamLogDependencies {
  readonly client: StreamClient;
  /** Subjects on which the server reports stored messages. */
  readonly storedSubjects: string;
  /** Whether the stream permits atomic batches. */
  readonly atomicBatches: boolean;
  /** Duplicate window of the stream, in milliseconds. */
  readonly duplicateWindow: number;
  /** Bucket of checkpoints, dead letters, leases and reports. */
  readonly table: KvTable;
  readonly logger: Reporter;
  /** Closes the connection if the store has opened it. */
  readonly release: () => Promise<void>;
}

/** Emits the timestamp of the last event of the stream; 0 if the stream is empty, or if the event header is not valid. */
const readLastTimestamp = (client: StreamClient) =>
  readMessage(client, { last_by_subj: `${client.prefix}.>` }).pipe(
    map((message) => {
      const header = parseHeader(headerText(message?.header));
      return typeof header === 'string' ? 0 : header.timestamp;
    }),
  );

/** Returns the result of an append, combined from the results of its records. */
function toResult(appended: readonly Appended[], timestamp: number): AppendResult {
  const seqNums = appended.map(({ seqNum }) => seqNum);
  const [firstSeqNum = 0] = seqNums;
  const duplicates = new Map<number, StoredRecord>();
  for (const [index, { held }] of appended.entries()) if (held !== undefined) duplicates.set(index, held);
  if (duplicates.size > 0) return { firstSeqNum, seqNums, timestamp, duplicates };
  const isContiguous = seqNums.every((seqNum, index) => seqNum === firstSeqNum + index);
  return { firstSeqNum, timestamp, ...(!isContiguous && { seqNums }) };
}

/**
 * Opens the log in an existing stream and bucket. No append of this process gets an earlier timestamp than the event that is
 * the last one at the opening. Later events of other processes can have later timestamps, because clocks differ.
 */
export async function openJetStreamLog(dependencies: JetStreamLogDependencies): Promise<EventLog> {
  const { client, storedSubjects, atomicBatches, duplicateWindow, table, logger, release } = dependencies;
  const { request, connection, manager, stream, state$ } = client;
  const bounds = () => readExtent(client).pipe(map(({ oldest, latest }) => ({ oldest, latest })));
  const snapshotBounds = createSnapshotBounds();
  const calls = createInFlightCounter();
  const clock = await openClock(table, await firstValueFrom(readLastTimestamp(client)));
  const { latest } = await firstValueFrom(bounds());

  const checkpoints = createCheckpointsTable(table, client);
  const deadLetters = createDeadLettersTable(client, table, checkpoints);
  const reports = createReportsTable(table);
  const leases = createLeasesTable(table, checkpoints, createLeaseReleases(client, logger));
  const pool = createCursorPool(client);
  const read = singleFlight((request) => readPage(client, pool, request));
  const publisher = createPublisher(client, duplicateWindow);
  const resolveDuplicate = createResolveDuplicate(client);
  const appendRecord = createAppendRecord(publisher, resolveDuplicate);
  const appendBatch = createAppendBatch({
    publisher,
    resolveDuplicate,
    onNotAtomic: () =>
      logger.warn(
        `a batch was not stored atomically on stream '${stream}': the server of its leader does not support it`,
      ),
  });
  const readLatest = () => bounds().pipe(map((current) => current.latest));
  const appendWatcher = watchAppends({
    connection,
    state$,
    storedSubjects,
    stream,
    readLatest,
    latest,
    logger,
  });

  const isClustered = () => connection.info?.cluster !== undefined;
  const importMutex = createKeyedMutex();
  const importRecords = createImportRecords({ client, publisher, atomicBatches, bounds, isClustered });

  const appendAll = (records: readonly NewRecord[], timestamp: number): Promise<readonly Appended[]> => {
    if (atomicBatches && records.length > 1) {
      return appendInBatches(records, (batch) => appendBatch(batch, timestamp));
    }
    return publishBatch(
      records.map((record) => () => appendRecord(record, timestamp)),
      isClustered(),
    );
  };

  const purge = (maxSeqNum: number) =>
    request('the trim failed', () => manager.streams.purge(stream, { seq: maxSeqNum + 1 }));
  const trim = async ({
    maxSeqNum,
    maxTimestamp,
    respectCheckpoints,
    lowWatermark,
    maxRecords,
  }: TrimRequest): Promise<TrimResult> => {
    const { oldest, latest } = await firstValueFrom(bounds());
    const firstTooYoung =
      maxTimestamp === Number.POSITIVE_INFINITY
        ? maxTimestamp
        : await firstValueFrom(seqNumForTimestamp(client, { oldest, latest }, Math.floor(maxTimestamp) + 1));
    const bound = Math.min(maxSeqNum, firstTooYoung - 1, oldest - 1 + maxRecords, latest);
    const last = respectCheckpoints ? await checkpoints.below(bound) : bound;
    // Store the latest timestamp before the purge, because an empty stream contains no message with this timestamp.
    if (last >= latest) await clock.persist();
    const lastDeleted = Math.min(last, lowWatermark?.() ?? last);
    if (lastDeleted < oldest) return { deleted: 0, oldest };
    const { purged } = await firstValueFrom(purge(lastDeleted));
    return { deleted: purged, oldest: (await firstValueFrom(bounds())).oldest };
  };

  return {
    engine: 'jetstream',
    appended$: appendWatcher.appended$,

    async append(records, now) {
      const { timestamp, release: releaseTimestamp } = clock.reserve(now);
      // The counter counts the whole append, because `close` must also wait until the append has read its duplicates.
      const append = firstValueFrom(calls.count(defer(() => appendAll(records, timestamp))));
      snapshotBounds.onAppend(append);
      // A `DuplicateIdError` means that nothing was stored. After any other error, the server can have stored a record.
      append.then(
        (appended) => releaseTimestamp({ isStored: appended.some(({ isDuplicate }) => !isDuplicate) }),
        (error) => releaseTimestamp({ isStored: !(error instanceof DuplicateIdError) }),
      );
      const appended = await append;
      for (const { seqNum } of appended) appendWatcher.advanceTo(seqNum);
      return toResult(appended, timestamp);
    },

    importRecords: (after, records) =>
      importMutex.run('import', async () => {
        const isImported = await importRecords(after, records);
        const last = records.at(-1);
        if (!isImported || last === undefined) return isImported;
        clock.advanceTo(last.timestamp);
        appendWatcher.advanceTo(last.seqNum);
        return true;
      }),

    read: (request) => calls.count(read(request)),
    bounds: () => calls.count(snapshotBounds.read(bounds())),
    seqNumForTimestamp: (timestamp) =>
      calls.count(
        snapshotBounds
          .read(bounds())
          .pipe(switchMap((current) => seqNumForTimestamp(client, current, timestamp))),
      ),
    trim: (request) => firstValueFrom(calls.count(defer(() => trim(request)))),
    bytes: () => calls.count(readExtent(client).pipe(map(({ bytes }) => bytes))),

    storeCheckpoint: checkpoints.store,
    getCheckpoint: (watcherId) => calls.count(defer(() => checkpoints.get(watcherId))),
    checkpoints: () => calls.count(defer(checkpoints.all)),
    deleteCheckpoint: checkpoints.delete,

    deadLetters: {
      ...deadLetters,
      read: (watcherId) => calls.count(deadLetters.read(watcherId)),
      count: (watcherIds) => calls.count(deadLetters.count(watcherIds)),
    },
    leases: {
      ...leases,
      get: (watcherId) => calls.count(leases.get(watcherId)),
      all: () => calls.count(leases.all()),
    },
    reports: { ...reports, read: () => calls.count(reports.read()) },

    async close() {
      // These writes start tasks of the publisher and of the checkpoints, which the next line waits for. `settled` waits
      // only for tasks that have already started, so wait for these writes first.
      await Promise.all([deadLetters.settled(), leases.settled(), reports.settled(), importMutex.settled()]);
      await Promise.all([publisher.settled(), checkpoints.settled(), calls.settled()]);
      appendWatcher.end();
      publisher.end();
      await pool.end();
      await release();
    },
  };
}
