import type { Database, RootDatabase } from 'lmdb';
import { defer, of } from 'rxjs';
import { DeserializationError, StoreError } from '../../errors.ts';
import type { EventLog } from '../../store/event-log.ts';
import type { Logger } from '../../store/logger.ts';
import { createAppender } from './appender.ts';
import { committed } from './commit.ts';
import { watchGrowth } from './growth.ts';
import { createLogTable } from './log-table.ts';
import { scanChunks } from './read-chunks.ts';

/** What an LMDB log is made of. */
export interface LmdbParts {
  /** The environment. */
  readonly env: RootDatabase;
  /** Chunks by the number of their last record. */
  readonly events: Database<Buffer, number>;
  /** Sequence numbers by watcher id. */
  readonly checkpointTable: Database<number, string>;
  /** Where it warns. */
  readonly logger: Logger;
  /** Lets go of the environment, if it is the log's own. */
  readonly release: () => Promise<void>;
}

/** The log in an LMDB environment: chunks of packed records in one table, checkpoints in another. */
export function createLmdbEventLog({ env, events, checkpointTable, logger, release }: LmdbParts): EventLog {
  const table = createLogTable(events);

  /** lmdb-js keeps a read transaction until the event loop turns: each read is to see what is there now. */
  const fresh = <T>(read: () => T): T => {
    try {
      env.resetReadTxn();
      return read();
    } catch (cause) {
      if (cause instanceof DeserializationError) throw cause;
      throw new StoreError(`the read failed: ${(cause as Error).message}`, { cause });
    }
  };
  const reading = <T>(read: () => T) => defer(() => of(fresh(read)));

  const underWay = new Set<Promise<unknown>>();
  const writing = async <T>(write: () => PromiseLike<T>): Promise<T> => {
    // An application may close an environment under the store: lmdb-js would crash the process over a write to it.
    if ((env as RootDatabase & { status: string }).status !== 'open')
      throw new StoreError('the environment is closed');
    const written = committed(write);
    underWay.add(written);
    try {
      return await written;
    } finally {
      underWay.delete(written);
    }
  };

  const growth = watchGrowth(env, () => fresh(table.bounds).latest, logger);
  const append = createAppender(env, table, growth.look);

  return {
    appended$: growth.grown$,
    append: (drafts, now) => writing(() => append(drafts, now)),

    read: (request) =>
      reading(() => {
        const { oldest, latest } = table.bounds();
        const after = Math.max(request.after, oldest - 1);
        return { ...scanChunks(table.chunksAfter(after), { ...request, after }), oldest, latest };
      }),
    bounds: () => reading(table.bounds),
    trim: (through) => writing(() => env.childTransaction(() => table.trim(through))),

    storeCheckpoint: (watcherId, seqNum) =>
      writing(async () => void (await checkpointTable.put(watcherId, seqNum))),
    getCheckpoint: (watcherId) => reading(() => checkpointTable.get(watcherId)),
    checkpoints: () =>
      reading(() => new Map([...checkpointTable.getRange()].map(({ key, value }) => [key, value]))),
    deleteCheckpoint: (watcherId) => writing(async () => void (await checkpointTable.remove(watcherId))),

    async close() {
      growth.end();
      await Promise.allSettled(underWay);
      await release();
    },
  };
}
