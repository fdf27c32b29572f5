import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeText, widthOf, wrap } from '../../src/cli/output/text.ts';

/** Texts with words of several lengths, wide characters and marks that fill no column. */
const texts = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b', '漢', '🎉', 'e\u0301'), maxLength: 30 }))
  .map((words) => words.join(' '));

describe('the function wrap of the command', () => {
  it('the function wrap breaks a text at spaces', () => {
    expect(wrap('the watcher is not stopped', 11)).toEqual(['the watcher', 'is not', 'stopped']);
  });

  it('the function wrap breaks a word that is wider than a line', () => {
    expect(wrap('a 12345678 b', 4)).toEqual(['a', '1234', '5678', 'b']);
  });

  it('the function wrap cuts the last line if the text has more lines than the maximum', () => {
    expect(wrap('one two three four', 5, 2)).toEqual(['one', 'two …']);
  });

  it('the function wrap returns lines that fit the width and contain the whole text', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 20 }), (text, width) => {
        const lines = wrap(text, width);
        expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('the function wrap returns at most the maximum number of lines, which fit the width', () => {
    fc.assert(
      fc.property(
        texts,
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 1, max: 3 }),
        (text, width, max) => {
          const lines = wrap(text, width, max);
          expect(lines.length).toBeLessThanOrEqual(max);
          expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('the function safeText of the command', () => {
  it('the function safeText escapes line breaks and tabs by their short names, and other control characters by their numbers', () => {
    expect(safeText('a\n\tb\r\u001b[31m\u0085')).toBe('a\\n\\tb\\r\\u001b[31m\\u0085');
  });

  it('the function safeText leaves no character that a terminal interprets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeText(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]|\p{Surrogate}/u);
      }),
    );
  });
});
