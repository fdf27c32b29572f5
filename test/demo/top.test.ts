import fc from 'fast-check';
import { expect, test } from 'vitest';
import { top } from '../../docs/examples/git-history/report/top.ts';

test('gives what sorting all and cutting off the rest would', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 12 }), (values, count) => {
      const compare = (a: number, b: number) => a - b;
      expect(top(values, count, compare)).toEqual({
        first: values.toSorted(compare).slice(0, count),
        total: values.length,
      });
    }),
  );
});
