import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { META } from '../../../../src/engine/lmdb/file/lmdb-file-format.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { runProcess } from '../../../support/program.ts';
import { applyWorkload, faultOf, TABLES, type Workload } from './inspect-files.ts';

const PAGE = 4096;
const OPEN_EACH = new URL('../../../crash/open-each.mjs', import.meta.url);

const directory = eachDirectory();
let healthy: Buffer;

const change = (table: number, key: number, remove = false) => ({
  table,
  remove,
  key,
  count: 60,
  size: 20_000,
});

const COMMITS: Workload = [
  TABLES.map((_, table) => change(table, 0)),
  [change(1, 100), change(0, 100)],
  [change(1, 100, true)],
  [change(0, 10, true)],
  [change(0, 200)],
];

beforeEach(async () => {
  await applyWorkload(directory.file('healthy'), COMMITS);
  healthy = readFileSync(directory.file('healthy'));
});

/** Overwritten bytes of one or both meta pages, and optionally a truncation. */
interface Damage {
  readonly pages: readonly number[];
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Number of blocks of 512 bytes that are cut off. */
  readonly cut?: number | undefined;
}

const word = (value: bigint, bytes: number): Uint8Array => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return buffer.subarray(0, bytes);
};

/** Small numbers, and powers of two with the numbers next to them. */
const values = fc.oneof(
  fc.bigInt({ min: 0n, max: 200n }),
  fc
    .tuple(fc.bigInt({ min: 8n, max: 63n }), fc.constantFrom(-1n, 0n, 1n))
    .map(([exponent, by]) => 2n ** exponent + by),
  fc.constantFrom(2n ** 64n - 2n, 2n ** 64n - 1n),
);

const damage: fc.Arbitrary<Damage> = fc.record({
  pages: fc.constantFrom([0], [1], [0, 1]),
  at: fc.oneof(
    fc.nat(META.bytes - 1),
    fc.nat(META.bytes / 8 - 1).map((n) => n * 8),
  ),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 2 }),
    fc.tuple(values, fc.constantFrom(2, 4, 8)).map(([value, bytes]) => word(value, bytes)),
  ),
  cut: fc.option(fc.nat(200), { nil: undefined, freq: 8 }),
});

function damaged({ pages, at, bytes, cut }: Damage): Buffer {
  const file = Buffer.from(healthy);
  for (const page of pages) file.set(bytes, page * PAGE + at);
  return cut === undefined ? file : file.subarray(0, file.length - cut * 512);
}

/** Opens files with LMDB one after another. Returns the file on which LMDB crashed or hung; `undefined` if there is none. */
async function crashOf(paths: readonly string[]): Promise<string | undefined> {
  const args = [JSON.stringify(TABLES), ...paths];
  const { exit, stdout } = await runProcess(OPEN_EACH, args, { timeout: 60_000 });
  return exit === 0 ? undefined : paths[stdout.split('\n').length - 1];
}

test('LMDB does not crash on any file with damaged meta pages that the inspection accepts', async () => {
  const cases = fc.sample(damage, 200);
  const accepted = new Map<string, Damage>();
  let rejected = 0;
  cases.forEach((each, index) => {
    const path = directory.file(String(index));
    writeFileSync(path, damaged(each));
    if (faultOf(path) === undefined) accepted.set(path, each);
    else rejected++;
  });
  const crashed = await crashOf([...accepted.keys()]);

  expect(crashed && accepted.get(crashed)).toBeUndefined();
  expect(rejected).toBeGreaterThan(40);
  expect(accepted.size).toBeGreaterThan(20);
});

test.each([
  ['root of the main tree', META.mainTreeAt + 40],
  ['root of the free tree', META.freeTreeAt + 40],
  ['number of the last page', META.lastPageAt],
])(
  'the inspection of an LMDB file rejects a meta page if the %s in it is beyond the end of the file',
  (_name, at) => {
    for (const value of [1n, 2n ** 20n, 2n ** 40n, 2n ** 63n, 2n ** 64n - 2n]) {
      const path = directory.file('damaged');
      writeFileSync(path, damaged({ pages: [0, 1], at, bytes: word(value, 8) }));
      expect(faultOf(path)).toMatch(/damaged|missing|contradict/);
    }
  },
);
