import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../../docs/examples/git-history/printable.ts';
import { shorten } from '../../docs/examples/git-history/report/shorten.ts';

test('shows what would move the cursor or turn the text round', () => {
  expect(printable('a\nb\x1b[2Jc\u202ed\u2028é 李 👩‍👧')).toBe(
    'a\\nb\\u{1b}[2Jc\\u{202e}d\\u{2028}é 李 👩‍👧',
  );
});

test('takes out the middle of what is too long, and never half a character', () => {
  expect(shorten('src/a-long-way/to/file.ts', 12)).toBe('src/a…ile.ts');
  expect(shorten('👩👧👦👶👵', 4)).toBe('👩…👶👵');
});

test('never gives more than the width, nor changes what fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      const shown = shorten(text, width);
      expect([...shown].length).toBeLessThanOrEqual(width);
      if ([...text].length <= width) expect(shown).toBe(text);
    }),
  );
});
