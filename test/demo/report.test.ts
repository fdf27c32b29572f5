import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shorten, top } from '../../docs/examples/git-history/report.ts';

test('the function top returns the same first values as a complete sort', () => {
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

test('the function shorten removes the middle of a long text without splitting a character', () => {
  expect(shorten('src/a-long-way/to/file.ts', 12)).toBe('src/a…ile.ts');
  expect(shorten('👩👧👦👶👵', 4)).toBe('👩…👶👵');
});

test('the function shorten never exceeds the width, and does not change a text that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const shown = shorten(text, width);
      expect([...shown].length).toBeLessThanOrEqual(width);
      if ([...text].length <= width) expect(shown).toBe(text);
    }),
  );
});
