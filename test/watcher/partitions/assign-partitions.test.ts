import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions } from '../../../src/watcher/partitions/assign-partitions.ts';

const countOf = (list: readonly unknown[], value: unknown) => list.filter((one) => one === value).length;

/** Members, and the holder of each partition: a member, a process that has ended, or none. */
const situation = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1 })
  .chain((members) =>
    fc.record({
      members: fc.constant(members),
      holders: fc.array(fc.constantFrom(...members, 'ended', undefined), { minLength: 1, maxLength: 40 }),
    }),
  );

describe('the assignment of partitions to members', () => {
  it('each partition is assigned to a live member, and the shares of members differ by at most one', () => {
    fc.assert(
      fc.property(situation, ({ members, holders }) => {
        const assigned = assignPartitions(holders, members);
        expect(assigned).toHaveLength(holders.length);
        const sizes = members.map((member) => countOf(assigned, member));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(holders.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('no partition is moved from a member that has at most its share of partitions', () => {
    fc.assert(
      fc.property(situation, ({ members, holders }) => {
        const assigned = assignPartitions(holders, members);
        const share = Math.floor(holders.length / members.length);
        for (const member of members.filter((one) => countOf(holders, one) <= share)) {
          for (const [index, holder] of holders.entries()) {
            if (holder === member) expect(assigned[index]).toBe(member);
          }
        }
      }),
    );
  });

  it('only as many partitions are moved from a member as it has above its share', () => {
    fc.assert(
      fc.property(situation, ({ members, holders }) => {
        const assigned = assignPartitions(holders, members);
        for (const member of members) {
          const moved = holders.filter((holder, index) => holder === member && assigned[index] !== member);
          expect(moved.length).toBe(Math.max(0, countOf(holders, member) - countOf(assigned, member)));
        }
      }),
    );
  });

  it('members keep their assigned partitions if the assignment is repeated', () => {
    fc.assert(
      fc.property(situation, ({ members, holders }) => {
        const assigned = assignPartitions(holders, members);
        expect(assignPartitions(assigned, members)).toEqual(assigned);
      }),
    );
  });

  it('16 partitions of one member are shared with three new members by 12 moves', () => {
    const assigned = assignPartitions(new Array(16).fill('a'), ['a', 'b', 'c', 'd']);
    expect(['a', 'b', 'c', 'd'].map((member) => countOf(assigned, member))).toEqual([4, 4, 4, 4]);
    expect(assigned.slice(0, 4)).toEqual(['a', 'a', 'a', 'a']);
  });

  it('a member is assigned no partition if there are fewer partitions than members', () => {
    expect(assignPartitions(['c', undefined], ['a', 'b', 'c'])).toEqual(['c', 'a']);
  });
});
