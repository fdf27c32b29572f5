import type * as t from 'io-ts';
import { describe, expect, test } from 'vitest';
import { duration, durationOrInfinity, wholeFrom, wholeOrInfinity } from '../../src/validation/types.ts';

const values = [
  -1,
  -0.5,
  0,
  0.5,
  1,
  2,
  2 ** 53 - 1,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  '1',
  1n,
  null,
  undefined,
  {},
];

const table: readonly [t.Type<number>, readonly unknown[]][] = [
  [wholeFrom(0), [0, 1, 2, 2 ** 53 - 1]],
  [wholeFrom(1), [1, 2, 2 ** 53 - 1]],
  [wholeFrom(2), [2, 2 ** 53 - 1]],
  [wholeOrInfinity, [0, 1, 2, 2 ** 53 - 1, Number.POSITIVE_INFINITY]],
  [duration, [0, 0.5, 1, 2, 2 ** 53 - 1, 2 ** 53]],
  [durationOrInfinity, [0, 0.5, 1, 2, 2 ** 53 - 1, 2 ** 53, Number.POSITIVE_INFINITY]],
];

describe('the codecs for numbers', () => {
  test.each(table.map(([codec, accepted]) => ({ name: codec.name, codec, accepted })))(
    'a codec for numbers accepts exactly the values that its name allows: $name',
    ({ codec, accepted }) => {
      expect(values.filter((value) => codec.is(value))).toEqual(accepted);
      expect(values.filter((value) => codec.decode(value)._tag === 'Right')).toEqual(accepted);
    },
  );
});
