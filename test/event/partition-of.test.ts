import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { InvalidOptionsError, partitionOf } from 'rx-watcher';
import { describe, expect, test } from 'vitest';

/** Jump consistent hash as its authors wrote it, with numbers of 64 bits. */
function jump(hash: number, count: number): number {
  let state = BigInt(hash);
  let bucket = -1;
  let next = 0;
  while (next < count) {
    bucket = next;
    state = BigInt.asUintN(64, state * 2_862_933_555_777_941_757n + 1n);
    next = Math.floor((bucket + 1) * (2 ** 31 / (Number(state >> 33n) + 1)));
  }
  return bucket;
}

describe('partitionOf', () => {
  test('partitionOf equals the jump consistent hash of the CRC-32 of the key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 100_000 }), (key, count) => {
        expect(partitionOf(key, count)).toBe(jump(crc32(Buffer.from(key)), count));
      }),
    );
  });

  test('partitionOf returns the same partitions as earlier versions of the library', () => {
    const keys = ['', 'order-17', 'order-18', 'Zürich', 'src/index.ts', '🙂'];
    expect(keys.map((key) => partitionOf(key, 16))).toEqual([0, 3, 11, 4, 15, 1]);
  });

  test('partitionOf moves a key only to the new partition if the number of partitions grows by one', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (key, count) => {
        expect([partitionOf(key, count), count]).toContain(partitionOf(key, count + 1));
      }),
    );
  });

  test.each([
    [undefined, 1, 'key'],
    ['a', 0, 'count'],
    ['a', 1.5, 'count'],
  ])('partitionOf rejects the key %s with the count %s', (key, count, path) => {
    expect(() => partitionOf(key as string, count)).toThrow(InvalidOptionsError);
    expect(() => partitionOf(key as string, count)).toThrow(path);
  });
});
