import { PartialBatchError } from '../../../errors.ts';

type Published = { readonly seqNum: number };

/**
 * Publishes the records of one call in order, and returns their results.
 *
 * @param publishes - Functions that publish one record each.
 * @param isClustered - Whether the leader of the stream can change. If it can change, each message waits until the previous
 *   message is acknowledged. Without this wait, a lost message that is sent again could be stored after later messages.
 * @throws {@link PartialBatchError} if there are several records and at least one was not stored.
 */
export async function publishBatch<P extends Published>(
  publishes: readonly (() => Promise<P>)[],
  isClustered: boolean,
): Promise<readonly P[]> {
  if (!isClustered) return valuesOf(await Promise.allSettled(publishes.map((publish) => publish())));
  const results: PromiseSettledResult<P>[] = [];
  for (const publish of publishes) {
    const [result] = await Promise.allSettled([publish()]);
    results.push(result);
    if (result.status === 'rejected') break;
  }
  return valuesOf(results, publishes.length);
}

/**
 * Returns all results, or throws an error with the numbers of the stored records. The error of a single record is thrown
 * unchanged.
 */
function valuesOf<P extends Published>(
  results: readonly PromiseSettledResult<P>[],
  count = results.length,
): readonly P[] {
  const values = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return values;
  if (count === 1) throw failure.reason;
  const stored = values.map(({ seqNum }) => seqNum);
  throw new PartialBatchError(stored, count, failure.reason);
}
