/**
 * Returns the member that should handle each partition. Every process computes the same result from the same leases, so the
 * processes agree without messages.
 *
 * The shares of two members differ by at most one partition. A partition moves only if its holder has more partitions than
 * its share, so as few partitions as possible move when a process joins or leaves.
 *
 * @param holders - Member that holds each partition, by the index of the partition; `undefined` if the partition is free.
 * @param members - Names of the live members, in an order that all processes share. At least one.
 */
export function assignPartitions(
  holders: readonly (string | undefined)[],
  members: readonly string[],
): readonly string[] {
  const held = new Map<string, number[]>(members.map((member) => [member, []]));
  for (const [index, holder] of holders.entries()) {
    if (holder !== undefined) held.get(holder)?.push(index);
  }
  // Members with the most partitions get the larger shares, so that fewer partitions move. The sort is stable, so members
  // with equally many partitions remain in the order that all processes share.
  const bySize = [...held].sort(([, a], [, b]) => b.length - a.length);
  const smallShare = Math.floor(holders.length / members.length);
  const largeShares = holders.length % members.length;

  const assigned: string[] = [];
  const shares = bySize.map(([member, indices], rank) => {
    const size = smallShare + (rank < largeShares ? 1 : 0);
    const kept = indices.slice(0, size);
    for (const index of kept) assigned[index] = member;
    return { member, missing: size - kept.length };
  });
  const receivers = shares.flatMap(({ member, missing }) => new Array<string>(missing).fill(member));
  return holders.map((_holder, index) => assigned[index] ?? (receivers.shift() as string));
}
