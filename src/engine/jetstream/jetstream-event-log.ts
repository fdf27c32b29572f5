import { defer, firstValueFrom, map, switchMap } from 'rxjs';
import type { Reporter } from '../../store/reporting/logger.ts';
import type { EventLog, Trimmed, TrimRequest } from '../contract/event-log.ts';
import { createRestore } from './append/import-records.ts';
import { headerText, parseHeader } from './append/message-format.ts';
import { publishAll } from './append/publish-batch.ts';
import { createAppender } from './append/publisher.ts';
import { readExtent, readMessage, type StreamAccess } from './connection/stream-client.ts';
import { createCheckpointTable } from './kv/checkpoints-table.ts';
import { openClock } from './kv/clock.ts';
import { createLetterTable } from './kv/dead-letters-table.ts';
import type { KvTable } from './kv/kv-table.ts';
import { createLeaseReleases, createLeaseTable } from './kv/leases-table.ts';
import { createCursorPool } from './read/cursor-pool.ts';
import { readStream } from './read/read-page.ts';
import { firstAt } from './read/seq-num-for-timestamp.ts';
import { sameReads } from './read/single-flight.ts';
import { createAsOfCall } from './read/snapshot-bounds.ts';
import { watchGrowth } from './util/append-watcher.ts';
import { createUnderWay } from './util/in-flight-counter.ts';
import { createInTurn } from './util/keyed-mutex.ts';

/** What a log on JetStream is made of. */
export interface JetStreamParts {
  /** The stream of events. */
  readonly access: StreamAccess;
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
const readNewestTime = (access: StreamAccess) =>
  readMessage(access, { last_by_subj: `${access.prefix}.>` }).pipe(
    map((message) => {
      const header = parseHeader(headerText(message?.header));
      return typeof header === 'string' ? 0 : header.timestamp;
    }),
  );

/** Opens the log in a stream, with its checkpoints in a bucket. */
export async function openJetStreamLog(parts: JetStreamParts): Promise<EventLog> {
  const { access, storedSubjects, duplicateWindow, table, logger, release } = parts;
  const { ask, connection, manager, stream, state$ } = access;
  const bounds = () => readExtent(access).pipe(map(({ oldest, latest }) => ({ oldest, latest })));
  const asOfCall = createAsOfCall();
  const reads = createUnderWay();
  const clock = await openClock(table, await firstValueFrom(readNewestTime(access)));
  const { latest } = await firstValueFrom(bounds());

  const checkpoints = createCheckpointTable(table);
  const letters = createLetterTable(access, table, checkpoints);
  const leases = createLeaseTable(table, checkpoints, createLeaseReleases(access, logger));
  const pool = createCursorPool(access);
  const read = sameReads((request) => readStream(access, pool, request));
  const appender = createAppender(access, duplicateWindow);
  const readLatest = () => bounds().pipe(map((held) => held.latest));
  const growth = watchGrowth({ connection, state$, storedSubjects, stream, readLatest, latest, logger });

  const isClustered = () => connection.info?.cluster !== undefined;
  const restoring = createInTurn();
  const restore = createRestore({ access, appender, bounds, isClustered });

  const purge = (through: number) =>
    ask('the trim failed', () => manager.streams.purge(stream, { seq: through + 1 }));
  const trim = async ({
    upTo,
    notAfter,
    heedCheckpoints,
    released,
    maxRecords,
  }: TrimRequest): Promise<Trimmed> => {
    const held = await firstValueFrom(bounds());
    const young =
      notAfter === Number.POSITIVE_INFINITY
        ? notAfter
        : await firstValueFrom(firstAt(access, held, Math.floor(notAfter) + 1));
    const bound = Math.min(upTo, young - 1, held.oldest - 1 + maxRecords, held.latest);
    const most = heedCheckpoints ? await checkpoints.below(bound) : bound;
    if (most >= held.latest) await clock.keep();
    const through = Math.min(most, released?.() ?? most);
    if (through < held.oldest) return { deleted: 0, oldest: held.oldest };
    const { purged } = await firstValueFrom(purge(through));
    return { deleted: purged, oldest: (await firstValueFrom(bounds())).oldest };
  };

  return {
    appended$: growth.grown$,

    async append(drafts, now) {
      const timestamp = clock.at(now);
      const publishes = drafts.map((draft) => () => appender.append(draft, timestamp));
      const append = publishAll(publishes, isClustered());
      asOfCall.began(append);
      const seqNums = await append;
      const [firstSeqNum = 0] = seqNums;
      for (const seqNum of seqNums) growth.saw(seqNum);
      const isContiguous = seqNums.every((seqNum, index) => seqNum === firstSeqNum + index);
      return { firstSeqNum, timestamp, ...(!isContiguous && { seqNums }) };
    },

    restore: (after, records) =>
      restoring.run('restore', async () => {
        const isRestored = await restore(after, records);
        const last = records.at(-1);
        if (!isRestored || last === undefined) return isRestored;
        clock.at(last.timestamp);
        growth.saw(last.seqNum);
        return true;
      }),

    read: (request) => reads.count(read(request)),
    bounds: () => reads.count(asOfCall.read(bounds())),
    firstAt: (timestamp) =>
      reads.count(asOfCall.read(bounds()).pipe(switchMap((held) => firstAt(access, held, timestamp)))),
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
