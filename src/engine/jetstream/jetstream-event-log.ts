import { defer, firstValueFrom, map, switchMap } from 'rxjs';
import type { Reporter } from '../../store/reporting/logger.ts';
import type { EventLog, TrimRequest, TrimResult } from '../contract/event-log.ts';
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
import { createCursorPool } from './read/cursor-pool.ts';
import { readPage } from './read/read-page.ts';
import { seqNumForTimestamp } from './read/seq-num-for-timestamp.ts';
import { singleFlight } from './read/single-flight.ts';
import { createSnapshotBounds } from './read/snapshot-bounds.ts';
import { watchAppends } from './util/append-watcher.ts';
import { createInFlightCounter } from './util/in-flight-counter.ts';
import { createKeyedMutex } from './util/keyed-mutex.ts';

/** What a log on JetStream is made of. */
export interface JetStreamParts {
  /** The stream of events. */
  readonly access: StreamClient;
  /** Where the server says what it has stored. */
  readonly storedSubjects: string;
  /** For how long the server knows a message again, in milliseconds. */
  readonly duplicateWindow: number;
  /** The bucket of checkpoints. */
  readonly table: KvTable;
  /** Where it warns. */
  readonly logger: Reporter;
  /** Lets go of the connection, if it is the log's own. */
  readonly release: () => Promise<void>;
}

/** The time of the last event of the stream; 0 if there is none that tells it. */
const readNewestTime = (access: StreamClient) =>
  readMessage(access, { last_by_subj: `${access.prefix}.>` }).pipe(
    map((message) => {
      const header = parseHeader(headerText(message?.header));
      return typeof header === 'string' ? 0 : header.timestamp;
    }),
  );

/** Opens the log in a stream, with its checkpoints in a bucket. */
export async function openJetStreamLog(parts: JetStreamParts): Promise<EventLog> {
  const { access, storedSubjects, duplicateWindow, table, logger, release } = parts;
  const { request, connection, manager, stream, state$ } = access;
  const bounds = () => readExtent(access).pipe(map(({ oldest, latest }) => ({ oldest, latest })));
  const asOfCall = createSnapshotBounds();
  const reads = createInFlightCounter();
  const clock = await openClock(table, await firstValueFrom(readNewestTime(access)));
  const { latest } = await firstValueFrom(bounds());

  const checkpoints = createCheckpointsTable(table);
  const letters = createDeadLettersTable(access, table, checkpoints);
  const leases = createLeasesTable(table, checkpoints, createLeaseReleases(access, logger));
  const pool = createCursorPool(access);
  const read = singleFlight((request) => readPage(access, pool, request));
  const appender = createPublisher(access, duplicateWindow);
  const readLatest = () => bounds().pipe(map((held) => held.latest));
  const growth = watchAppends({ connection, state$, storedSubjects, stream, readLatest, latest, logger });

  const isClustered = () => connection.info?.cluster !== undefined;
  const restoring = createKeyedMutex();
  const restore = createImportRecords({ access, appender, bounds, isClustered });

  const purge = (through: number) =>
    request('the trim failed', () => manager.streams.purge(stream, { seq: through + 1 }));
  const trim = async ({
    maxSeqNum,
    maxTimestamp,
    respectCheckpoints,
    lowWatermark,
    maxRecords,
  }: TrimRequest): Promise<TrimResult> => {
    const held = await firstValueFrom(bounds());
    const young =
      maxTimestamp === Number.POSITIVE_INFINITY
        ? maxTimestamp
        : await firstValueFrom(seqNumForTimestamp(access, held, Math.floor(maxTimestamp) + 1));
    const bound = Math.min(maxSeqNum, young - 1, held.oldest - 1 + maxRecords, held.latest);
    const most = respectCheckpoints ? await checkpoints.below(bound) : bound;
    if (most >= held.latest) await clock.keep();
    const through = Math.min(most, lowWatermark?.() ?? most);
    if (through < held.oldest) return { deleted: 0, oldest: held.oldest };
    const { purged } = await firstValueFrom(purge(through));
    return { deleted: purged, oldest: (await firstValueFrom(bounds())).oldest };
  };

  return {
    appended$: growth.grown$,

    async append(drafts, now) {
      const timestamp = clock.at(now);
      const publishes = drafts.map((draft) => () => appender.append(draft, timestamp));
      const append = publishBatch(publishes, isClustered());
      asOfCall.began(append);
      const seqNums = await append;
      const [firstSeqNum = 0] = seqNums;
      for (const seqNum of seqNums) growth.advanceTo(seqNum);
      const isContiguous = seqNums.every((seqNum, index) => seqNum === firstSeqNum + index);
      return { firstSeqNum, timestamp, ...(!isContiguous && { seqNums }) };
    },

    importRecords: (after, records) =>
      restoring.run('restore', async () => {
        const isRestored = await restore(after, records);
        const last = records.at(-1);
        if (!isRestored || last === undefined) return isRestored;
        clock.at(last.timestamp);
        growth.advanceTo(last.seqNum);
        return true;
      }),

    read: (request) => reads.count(read(request)),
    bounds: () => reads.count(asOfCall.read(bounds())),
    seqNumForTimestamp: (timestamp) =>
      reads.count(
        asOfCall.read(bounds()).pipe(switchMap((held) => seqNumForTimestamp(access, held, timestamp))),
      ),
    trim: (request) => firstValueFrom(reads.count(defer(() => trim(request)))),
    bytes: () => reads.count(readExtent(access).pipe(map(({ bytes }) => bytes))),

    storeCheckpoint: checkpoints.store,
    getCheckpoint: (watcherId) => reads.count(defer(() => checkpoints.get(watcherId))),
    checkpoints: () => reads.count(defer(checkpoints.all)),
    deleteCheckpoint: checkpoints.remove,

    deadLetters: { ...letters, read: (watcherId) => reads.count(letters.read(watcherId)) },
    leases: { ...leases, get: (watcherId) => reads.count(leases.get(watcherId)) },

    async close() {
      // The appender and the table of checkpoints wait for no more than they know of.
      await Promise.all([letters.settled(), leases.settled(), restoring.settled()]);
      await Promise.all([appender.settled(), checkpoints.settled(), reads.settled()]);
      growth.end();
      appender.end();
      await pool.end();
      await release();
    },
  };
}
