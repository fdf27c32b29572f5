import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../errors.ts';

/** What lmdb-js keeps of an environment; its types do not tell. */
type EnvState = RootDatabase & { readonly status: string; readonly env: { readonly writeTxn: unknown } };

/** What lmdb-js rejects with: the reason comes as a Promise, which crashes the process if nobody looks at it. */
interface CommitFailure {
  readonly commitError: Promise<never>;
}

const isCommitFailure = (failure: unknown): failure is CommitFailure =>
  failure instanceof Error && 'commitError' in failure;

/** The errors of LMDB and the system after which it is certain that nothing was written, by their codes. */
const UNDONE = new Set<unknown>([
  28, // ENOSPC: no room on the disk
  122, // EDQUOT: no room left for this user
  27, // EFBIG: no room in this file
  -30_792, // MDB_MAP_FULL
  -30_788, // MDB_TXN_FULL
]);

/**
 * How long a commit may take, in milliseconds. LMDB never comes back from one whose meta page the disk refused; this
 * is the disk's time, not the store's, so it runs on the real clock.
 */
const DEADLINE = 60_000;

async function reasonOf(failure: CommitFailure): Promise<unknown> {
  try {
    return await failure.commitError;
  } catch (reason) {
    return reason;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The writes of one environment. */
export interface Writes {
  /**
   * Starts a write and waits until it is durable.
   *
   * @throws StoreError with the engine's error as its cause. Where nobody knows whether the write took place, every
   *   further one is refused.
   */
  run<T>(write: () => PromiseLike<T>): Promise<T>;
  /** How many writes were asked for. */
  asked(): number;
  /** Whether a write is under way. */
  isBusy(): boolean;
  /** Resolves when no write is under way. */
  settled(): Promise<unknown>;
}

/** Watches over the writes of an environment. */
export function createWrites(env: RootDatabase): Writes {
  const underWay = new Set<Promise<unknown>>();
  let broken: StoreError | undefined;
  let asked = 0;

  const breakOff = (error: StoreError): StoreError => {
    broken ??= error;
    return error;
  };

  const toStoreError = async (failure: unknown): Promise<StoreError> => {
    const cause = isCommitFailure(failure) ? await reasonOf(failure) : failure;
    const error = new StoreError(`the write was not committed: ${messageOf(cause)}`, { cause });
    // Otherwise it is the transaction's callback that threw: all that it did was taken back.
    const isUndone = !isCommitFailure(failure) || UNDONE.has((cause as { code?: unknown } | undefined)?.code);
    return isUndone ? error : breakOff(error);
  };

  const noTransaction = async () => {
    while ((env as EnvState).env.writeTxn) await new Promise(setImmediate);
    outside = undefined;
  };
  let outside: Promise<void> | undefined;
  /**
   * What is written inside somebody's write transaction becomes part of it, and is taken back with it. All who wait for its
   * end go on together, in their order: who comes when it has just ended is not to overtake them.
   */
  const outsideTransactions = (): Promise<void> | undefined => {
    if (outside === undefined && (env as EnvState).env.writeTxn) outside = noTransaction();
    return outside;
  };

  const committed = <T>(write: () => PromiseLike<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const giveUp = () => reject(breakOff(new StoreError(`a commit did not end within ${DEADLINE} ms`)));
      const timer = setTimeout(giveUp, DEADLINE).unref();
      write()
        .then(resolve, async (failure) => reject(await toStoreError(failure)))
        .then(() => clearTimeout(timer));
    });

  const start = async <T>(write: () => PromiseLike<T>): Promise<T> => {
    await outsideTransactions();
    if (broken !== undefined) {
      throw new StoreError(
        'an earlier write failed in such a way that its outcome is not known: reopen the store',
        {
          cause: broken,
        },
      );
    }
    // An application may close an environment under the store: lmdb-js would crash the process over a write to it.
    if ((env as EnvState).status !== 'open') throw new StoreError('the environment is closed');
    return committed(write);
  };

  return {
    async run(write) {
      asked++;
      const written = start(write);
      underWay.add(written);
      try {
        return await written;
      } finally {
        underWay.delete(written);
      }
    },
    asked: () => asked,
    isBusy: () => underWay.size > 0,
    settled: () => Promise.allSettled(underWay),
  };
}
