import { PartialBatchError } from '../../../errors.ts';

/**
 * Publishes the records of one call in order, and returns their sequence numbers.
 *
 * @param publishes - Functions that publish one record each.
 * @param isClustered - Whether the leader of the stream can change. If so, each message waits for the previous one.
 *   Otherwise a lost message would be sent again after later messages were stored, and the order would be wrong.
 * @throws {@link PartialBatchError} if there are several records and at least one was not stored.
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

/** Returns all sequence numbers, or throws an error with the numbers of the stored records. */
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
