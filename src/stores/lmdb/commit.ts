import { StoreError } from '../../errors.ts';

/** What lmdb-js rejects with: the reason itself comes as a Promise, which crashes the process if nobody looks at it. */
interface CommitFailure {
  readonly message: string;
  readonly commitError?: Promise<never>;
}

async function reasonOf(failure: CommitFailure): Promise<unknown> {
  try {
    await failure.commitError;
    return failure;
  } catch (reason) {
    return reason;
  }
}

/** Waits for a write of lmdb-js; its failure becomes a `StoreError` with the reason as its cause. */
export async function committed<T>(write: () => PromiseLike<T>): Promise<T> {
  try {
    return await write();
  } catch (failure) {
    const cause = await reasonOf(failure as CommitFailure);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`the write was not committed: ${why}`, { cause });
  }
}
