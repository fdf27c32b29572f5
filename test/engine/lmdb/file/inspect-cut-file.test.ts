import { statSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachDirectory } from '../../../support/each-directory.ts';
import {
  applyWorkload,
  faultOf,
  inProcess,
  truncatedCopy,
  type Workload,
  workload,
} from './inspect-files.ts';

const PAGE = 4096;
const [SMALL, LARGE, DUPS, FIXED] = [0, 1, 2, 3];

const directory = eachDirectory();
let files = 0;

const newFile = () => directory.file(`${files++}.mdb`);

const put = (table = 0, key = 0, count = 1) => ({ table, remove: false, key, count, size: 20_000 });
const remove = (table = 0, key = 0, count = 1) => ({ ...put(table, key, count), remove: true });

/** Workload that leaves many free pages at the end of the file. */
const FREE_TAIL: Workload = [
  [put(SMALL, 0, 300), put(DUPS, 0, 300), put(FIXED, 0, 300), put(LARGE, 0, 10)],
  ...Array.from({ length: 30 }, (_, n) => [put(LARGE, 20 + n)]),
  [remove(LARGE, 20, 30)],
  ...Array.from({ length: 6 }, (_, n) => [put(SMALL, n)]),
];

/**
 * Length of a truncated file, in bytes. The length is often close to the original size, and need not be a multiple of the
 * page size.
 */
const truncatedLength = (size: number) =>
  fc
    .tuple(
      fc.oneof(fc.nat(size - 1), fc.integer({ min: Math.max(1, size - 20 * PAGE), max: size - 1 })),
      fc.boolean(),
    )
    .map(([bytes, wholePages]) => (wholePages ? bytes - (bytes % PAGE) : bytes))
    .filter((bytes) => bytes > 0);

async function expectSafe(path: string, bytes: number, whole: string | undefined) {
  const cut = truncatedCopy(path, bytes);
  if (faultOf(cut) === undefined)
    expect({ bytes, read: await inProcess('read', cut) }).toEqual({ bytes, read: whole });
}

describe('the inspection of a truncated LMDB file', () => {
  test('the inspection of a truncated LMDB file rejects each file that LMDB could not read, after an arbitrary workload', async () => {
    const createAndTruncate = async (commits: Workload, seed: number) => {
      const path = newFile();
      await applyWorkload(path, commits);
      const { size } = statSync(path);
      const whole = await inProcess('read', truncatedCopy(path, size));
      expect(whole).toBeDefined();
      for (const bytes of fc.sample(truncatedLength(size), { seed, numRuns: 12 }))
        await expectSafe(path, bytes, whole);
    };
    await fc.assert(fc.asyncProperty(workload, fc.nat(), createAndTruncate), {
      numRuns: 5,
      endOnFailure: true,
    });
  });

  test('the inspection rejects each truncated file that LMDB could not read, and accepts a file in which only free pages are missing at the end', async () => {
    const path = newFile();
    await applyWorkload(path, FREE_TAIL);
    const { size } = statSync(path);
    const whole = await inProcess('read', truncatedCopy(path, size));
    const shrinking = truncatedCopy(path, size - 1);
    const accepted: number[] = [];
    for (let bytes = size - PAGE; bytes > 0; bytes -= PAGE) {
      truncateSync(shrinking, bytes);
      if (faultOf(shrinking) === undefined) accepted.push(bytes);
    }
    const shortest = Math.min(...accepted);

    expect(accepted.length).toBeGreaterThan(20);
    expect(accepted.length).toBe((size - shortest) / PAGE);
    for (const bytes of [shortest, shortest + 1, (shortest + size) >> 1])
      await expectSafe(path, bytes, whole);
    expect(faultOf(truncatedCopy(path, shortest - 1))).toMatch(/truncated: page \d+ is missing/);
  });
});

test('LMDB crashes on a truncated file if the file was not inspected before', async () => {
  const path = newFile();
  await applyWorkload(path, FREE_TAIL);
  const cut = truncatedCopy(path, 4 * PAGE);
  expect(faultOf(cut)).toContain('truncated');
  expect(await inProcess('read', cut)).toBeUndefined();
});
