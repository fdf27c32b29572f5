/**
 * Error of lmdb-js for a failed commit. `commitError` is a Promise that rejects with the reason. Without a handler for this
 * rejection, the process would end.
 */
interface CommitFailure {
  readonly commitError: Promise<never>;
}

/** Returns whether an error is the error of lmdb-js for a failed commit. */
export const isCommitFailure = (failure: unknown): failure is CommitFailure =>
  failure instanceof Error && 'commitError' in failure;

/** Resolves with the reason of a failed write: `commitError` if the commit has failed, otherwise the failure itself. */
export async function reasonOf(failure: unknown): Promise<unknown> {
  if (!isCommitFailure(failure)) return failure;
  try {
    return await failure.commitError;
  } catch (reason) {
    return reason;
  }
}
