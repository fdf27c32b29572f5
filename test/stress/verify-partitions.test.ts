import { describe, expect, it } from 'vitest';

// The scripts of the stress tests have no types.
const { parseJournals, verifyPartitions } = await import(
  new URL('./verify-partitions.mjs', import.meta.url).href
);

/** Keys of four events. Events 1 and 3 have the same key, and events 2 and 4 have another key. */
const keys = new Map([
  [1, 'a'],
  [2, 'b'],
  [3, 'a'],
  [4, 'b'],
]);

const whole = [
  'begin 1 1',
  'end 1 1',
  'begin 2 1',
  'end 2 1',
  'begin 3 1',
  'end 3 1',
  'begin 4 1',
  'end 4 1',
];

/** Verifies lines of one process, in order. */
const verify = (lines: readonly string[]) => {
  const journal = lines.map((line, time) => `${line} ${time} ${time}\n`).join('');
  const { unhandled, disordered, deposed, redelivered } = verifyPartitions(
    parseJournals({ p: journal }),
    keys,
    () => 0,
  );
  return [unhandled.count, disordered.count, deposed.count, redelivered];
};

describe('the verification of journals of partitions', () => {
  it('the verification of journals accepts attempts at each event in order', () => {
    expect(verify(whole)).toEqual([0, 0, 0, 0]);
  });

  it('the verification of journals accepts an event that is delivered again under a newer token', () => {
    expect(verify([...whole, 'begin 4 2', 'end 4 2'])).toEqual([0, 0, 0, 1]);
  });

  it('the verification of journals reports an event that was not handled', () => {
    expect(verify(whole.filter((line) => line !== 'end 4 1'))).toEqual([1, 0, 0, 1]);
  });

  it('the verification of journals reports an attempt that began before the previous event of its key had ended', () => {
    expect(verify(['begin 3 1', ...whole.filter((line) => line !== 'begin 3 1')])).toEqual([0, 1, 0, 0]);
  });

  it('the verification of journals reports an attempt that began under an old token after an attempt under a newer token', () => {
    expect(verify([...whole, 'begin 3 2', 'end 3 2', 'begin 4 1', 'end 4 1'])).toEqual([0, 0, 1, 2]);
  });

  it('the verification of journals counts an attempt separately if its process was suspended between the check of the lease and the attempt', () => {
    const verified = (continuedAt: bigint, checkedAt: number) =>
      verifyPartitions(
        parseJournals({
          p: `begin 1 1 0 0\nend 1 1 1 0\nbegin 3 1 9 ${checkedAt}\nend 3 1 10 ${checkedAt}\n`,
          q: 'begin 3 2 4 4\nend 3 2 5 4\n',
        }),
        new Map([
          [1, 'a'],
          [3, 'a'],
        ]),
        () => 0,
        { p: [continuedAt] },
      );
    expect(verified(8n, 2)).toMatchObject({ interrupted: 1, deposed: { count: 0 } });
    expect(verified(10n, 2)).toMatchObject({ interrupted: 0, deposed: { count: 1 } });
    expect(verified(8n, 9)).toMatchObject({ interrupted: 0, deposed: { count: 1 } });
  });

  it('the verification of journals ignores the last line of a process that was killed while it wrote', () => {
    expect(parseJournals({ p: 'begin 1 1 5 5\nend 1' })).toHaveLength(1);
  });
});
