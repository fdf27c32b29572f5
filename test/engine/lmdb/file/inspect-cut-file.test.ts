import { statSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from '../../../conformance/temporary-directory.ts';
import { cutCopy, faultOf, inProcess, type Workload, work, workload } from './inspect-files.ts';

const PAGE = 4096;
const [SMALL, LARGE, DUPS, FIXED] = [0, 1, 2, 3];

let directory: TemporaryDirectory;
let files = 0;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

const newFile = () => directory.file(`${files++}.mdb`);

const put = (table = 0, key = 0, count = 1) => ({ table, remove: false, key, count, size: 20_000 });
const remove = (table = 0, key = 0, count = 1) => ({ ...put(table, key, count), remove: true });

/** It leaves many free pages at the end. */
const FREE_TAIL: Workload = [
  [put(SMALL, 0, 300), put(DUPS, 0, 300), put(FIXED, 0, 300), put(LARGE, 0, 10)],
  ...Array.from({ length: 30 }, (_, n) => [put(LARGE, 20 + n)]),
  [remove(LARGE, 20, 30)],
  ...Array.from({ length: 6 }, (_, n) => [put(SMALL, n)]),
];

/** How many bytes to leave of a file: most often close to its end, and whole pages as well as parts. */
const cutOf = (size: number) =>
  fc
    .tuple(
      fc.oneof(fc.nat(size - 1), fc.integer({ min: Math.max(1, size - 20 * PAGE), max: size - 1 })),
      fc.boolean(),
    )
    .map(([bytes, wholePages]) => (wholePages ? bytes - (bytes % PAGE) : bytes))
    .filter((bytes) => bytes > 0);

async function expectSafe(path: string, bytes: number, whole: string | undefined) {
  const cut = cutCopy(path, bytes);
  if (faultOf(cut) === undefined)
    expect({ bytes, read: await inProcess('read', cut) }).toEqual({ bytes, read: whole });
}

describe('a file cut anywhere is refused, or LMDB reads all of it and writes to it', () => {
  test('whatever was done to it', async () => {
    const makeAndCut = async (commits: Workload, seed: number) => {
      const path = newFile();
      await work(path, commits);
      const { size } = statSync(path);
      const whole = await inProcess('read', cutCopy(path, size));
      expect(whole).toBeDefined();
      for (const bytes of fc.sample(cutOf(size), { seed, numRuns: 12 })) await expectSafe(path, bytes, whole);
    };
    await fc.assert(fc.asyncProperty(workload, fc.nat(), makeAndCut), { numRuns: 5, endOnFailure: true });
  });

  test('with free pages at its end', async () => {
    const path = newFile();
    await work(path, FREE_TAIL);
    const { size } = statSync(path);
    const whole = await inProcess('read', cutCopy(path, size));
    const shrinking = cutCopy(path, size - 1);
    const accepted: number[] = [];
    for (let bytes = size - PAGE; bytes > 0; bytes -= PAGE) {
      truncateSync(shrinking, bytes);
      if (faultOf(shrinking) === undefined) accepted.push(bytes);
    }
    const least = Math.min(...accepted);

    expect(accepted.length).toBeGreaterThan(20);
    expect(accepted.length).toBe((size - least) / PAGE);
    for (const bytes of [least, least + 1, (least + size) >> 1]) await expectSafe(path, bytes, whole);
    expect(faultOf(cutCopy(path, least - 1))).toMatch(/truncated: page \d+ is missing/);
  });
});

test('LMDB crashes on a cut file that nobody looked at', async () => {
  const path = newFile();
  await work(path, FREE_TAIL);
  const cut = cutCopy(path, 4 * PAGE);
  expect(faultOf(cut)).toContain('truncated');
  expect(await inProcess('read', cut)).toBeUndefined();
});
