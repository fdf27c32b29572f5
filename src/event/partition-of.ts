import { crc32 } from 'node:zlib';
import * as t from 'io-ts';
import { InvalidOptionsError } from '../errors.ts';
import { checkAll } from '../validation/check.ts';
import { wholeFrom } from '../validation/types.ts';

/** Multiplier of the random numbers of jump consistent hash, 2862933555777941757, as two halves of 32 bits. */
const MULTIPLIER = { high: 0x27_bb_2e_e6, low: 0x87_b0_b0_fd } as const;

/** Returns the upper 32 bits of the product of two unsigned numbers of 32 bits. */
function upperProduct(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xff_ff, b >>> 16, b & 0xff_ff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle2 = aLow * bHigh + (middle & 0xff_ff);
  return aHigh * bHigh + Math.floor(middle / 0x1_00_00) + (middle2 >>> 16);
}

/**
 * Returns the partition of a hash by jump consistent hash. Does not check its arguments.
 *
 * The random numbers have 64 bits. They are computed in two halves, because `BigInt` takes ten times as long.
 *
 * @param hash - Unsigned number of 32 bits.
 * @see J. Lamping, E. Veach: A Fast, Minimal Memory, Consistent Hash Algorithm, 2014, https://arxiv.org/abs/1406.2294
 */
export function partitionOfHash(hash: number, count: number): number {
  let high = 0;
  let low = hash;
  let bucket = 0;
  let next = 0;
  while (next < count) {
    bucket = next;
    const carry = upperProduct(low, MULTIPLIER.low);
    high = (carry + Math.imul(low, MULTIPLIER.high) + Math.imul(high, MULTIPLIER.low)) >>> 0;
    low = (Math.imul(low, MULTIPLIER.low) + 1) >>> 0;
    if (low === 0) high = (high + 1) >>> 0;
    next = Math.floor((bucket + 1) * (2 ** 31 / ((high >>> 1) + 1)));
  }
  return bucket;
}

/** Returns the partition of a key. Does not check its arguments. An event without a key has the partition of `''`. */
export const uncheckedPartitionOf = (key: string | undefined, count: number): number =>
  partitionOfHash(key === undefined ? 0 : crc32(key), count);

/**
 * Returns the partition of a key: a whole number from 0 to `count - 1`. The result for a key and a count is the same in all
 * later versions of the library.
 *
 * Jump consistent hash (Lamping and Veach, 2014) computes the partition from the CRC-32 of the key in UTF-8, as zlib
 * computes it. If `count` grows from n to n + 1, about one of n + 1 keys moves, always to the new partition.
 *
 * @param key - Key of an event. Events without a key have the partition of `''`, which is 0.
 * @param count - Number of partitions, from 1.
 * @throws {@link InvalidOptionsError} if the key is not a string, or the count is not a whole number from 1.
 * @see [Keys, ids and metadata](../../docs/guides/keys-ids-and-metadata.md)
 * @example
 * partitionOf('order-17', 16); // 3
 */
export function partitionOf(key: string, count: number): number {
  const checked = checkAll(
    { key: [t.string, key], count: [wholeFrom(1), count] },
    (faults) => new InvalidOptionsError('partition', faults),
  );
  return uncheckedPartitionOf(checked.key, checked.count);
}
