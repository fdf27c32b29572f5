import type { Database, RootDatabase } from 'lmdb';
import { defer, of } from 'rxjs';
import type { EventLog, LogBounds } from '../../store/event-log.ts';
import { createAppender, type LogEnd } from './appender.ts';
import { viewChunk } from './chunk-view.ts';
import { committed } from './commit.ts';
import { type StoredChunk, scanChunks } from './read-chunks.ts';

/**
 * Before the first record, under the number that no event has, stands up to where the log was trimmed: that number
 * and its record's time, each a little-endian double. An emptied log goes on from there.
 */
const TRIMMED_KEY = 0;

/** What an LMDB log is made of. */
export interface LmdbParts {
  /** The environment. */
  readonly env: RootDatabase;
  /** Chunks by the number of their last record. */
  readonly events: Database<Buffer, number>;
  /** Sequence numbers by watcher id. */
  readonly checkpointTable: Database<number, string>;
  /** Lets go of the environment, if it is the log's own. */
  readonly release: () => Promise<void>;
}

/** The log in an LMDB environment: chunks of packed records in one table, checkpoints in another. */
export function createLmdbEventLog({ env, events, checkpointTable, release }: LmdbParts): EventLog {
  const trimmed = (): LogEnd => {
    const value = events.get(TRIMMED_KEY);
    return value === undefined
      ? { latest: 0, timestamp: 0 }
      : { latest: value.readDoubleLE(0), timestamp: value.readDoubleLE(8) };
  };

  const lastKey = (): number => {
    for (const key of events.getKeys({ reverse: true, limit: 1 })) return key;
    return TRIMMED_KEY;
  };

  const latestSeqNum = (): number => lastKey() || trimmed().latest;

  const bounds = (): LogBounds => ({ oldest: trimmed().latest + 1, latest: latestSeqNum() });

  /** The time of a record; that of one whose chunk is damaged does not hold the clock back. */
  const timeOf = (seqNum: number): number => {
    for (const { key, value } of events.getRange({ start: seqNum, limit: 1 })) {
      const view = viewChunk(value);
      return typeof view === 'string' ? 0 : view.timestamp(view.count - 1 - (key - seqNum));
    }
    return 0;
  };

  const end = (): LogEnd => {
    const latest = lastKey();
    return latest === TRIMMED_KEY ? trimmed() : { latest, timestamp: timeOf(latest) };
  };

  function* chunksAfter(after: number): Generator<StoredChunk> {
    yield* events.getRange({ start: after + 1 });
  }

  /** lmdb-js keeps a read transaction until the event loop turns: each read is to see what is there now. */
  const fresh = <T>(read: () => T) =>
    defer(() => {
      env.resetReadTxn();
      return of(read());
    });

  const appender = createAppender(env, events, end);
  const underWay = new Set<Promise<unknown>>();
  const tracked = async <T>(write: Promise<T>): Promise<T> => {
    underWay.add(write);
    try {
      return await write;
    } finally {
      underWay.delete(write);
    }
  };

  return {
    appended$: appender.appended$,
    append: (drafts, now) => tracked(appender.append(drafts, now)),

    read: (request) =>
      fresh(() => {
        const { oldest, latest } = bounds();
        const after = Math.max(request.after, oldest - 1);
        return { ...scanChunks(chunksAfter(after), { ...request, after }), oldest, latest };
      }),
    bounds: () => fresh(bounds),

    trim: (through) =>
      tracked(
        committed(() =>
          env.childTransaction(() => {
            const upTo = Math.min(through, latestSeqNum());
            if (upTo <= trimmed().latest) return;
            const mark = Buffer.alloc(16);
            mark.writeDoubleLE(upTo, 0);
            mark.writeDoubleLE(timeOf(upTo), 8);
            for (const key of [...events.getKeys({ start: TRIMMED_KEY + 1, end: upTo + 1 })])
              void events.remove(key);
            void events.put(TRIMMED_KEY, mark);
          }),
        ),
      ),

    storeCheckpoint: (watcherId, seqNum) =>
      tracked(committed(async () => void (await checkpointTable.put(watcherId, seqNum)))),
    getCheckpoint: (watcherId) => fresh(() => checkpointTable.get(watcherId)),
    checkpoints: () =>
      fresh(() => new Map([...checkpointTable.getRange()].map(({ key, value }) => [key, value]))),
    deleteCheckpoint: (watcherId) =>
      tracked(committed(async () => void (await checkpointTable.remove(watcherId)))),

    async close() {
      await Promise.allSettled(underWay);
      await release();
    },
  };
}
