import { PartialBatchError } from '../../../errors.ts';

/**
 * Publishes the records of one call, in order, and tells their numbers.
 *
 * @param publishes - Publish one record each.
 * @param isClustered - Whether the stream's leader may change on the way; then each waits for the one before, because
 *   what is lost then is sent again behind what was not.
 * @throws PartialBatchError if some of several were stored, and others not.
 */
export async function publishBatch(
  publishes: readonly (() => Promise<number>)[],
  isClustered: boolean,
): Promise<readonly number[]> {
  if (!isClustered) return numbersOf(await Promise.allSettled(publishes.map((publish) => publish())));
  const results: PromiseSettledResult<number>[] = [];
  for (const publish of publishes) {
    const [result] = await Promise.allSettled([publish()]);
    results.push(result);
    if (result.status === 'rejected') break;
  }
  return numbersOf(results, publishes.length);
}

/** The numbers of all, or the error that tells which were stored. */
function numbersOf(
  results: readonly PromiseSettledResult<number>[],
  count = results.length,
): readonly number[] {
  const stored = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return stored;
  if (count === 1) throw failure.reason;
  throw new PartialBatchError(stored, count, failure.reason);
}
