/**
 * Returns the member that should handle each partition. Every process computes the same result from the same leases, so that
 * processes need no messages to agree.
 *
 * Shares differ by at most one partition. A partition moves only if its holder has more than its share, so a process that
 * joins or leaves moves as few partitions as possible.
 *
 * @param holders - Member that holds each partition, by index; `undefined` if the partition is free.
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
  // Members with the most partitions get the larger shares, because they need not release a partition for it. The sort is
  // stable, so members with equally many partitions stay in the shared order.
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
