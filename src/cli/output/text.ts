/** Text of the log for a terminal. */

/**
 * Characters that a terminal interprets or that reorder text: control characters, line separators, and the formatting
 * characters of bidirectional text.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`;

/** Escapes characters that a terminal interprets. JSON text remains equivalent JSON text. */
export const safeText = (text: string): string => text.replace(UNSAFE, escaped);

/** Escapes text that contains line breaks, and keeps the line breaks. */
export const safeLines = (text: string): string => text.split('\n').map(safeText).join('\n');

/** Characters that fill two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const columnsOf = (character: string): number => {
  if (/\p{M}|\u200d/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

/** Returns the number of columns that a text fills on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** Returns a text of at most `width` columns. A text that is cut ends with `…`. */
export function cut(text: string, width: number): string {
  if (text.length <= width / 2 || widthOf(text) <= width) return text;
  let kept = '';
  let columns = 1;
  for (const character of text) {
    columns += columnsOf(character);
    if (columns > width) break;
    kept += character;
  }
  return `${kept}…`;
}
