import { once } from 'node:events';
import { styleText } from 'node:util';
import { interruption } from '../interruption.ts';
import { safeText } from './text.ts';

/** Number of columns of a terminal without a known size. */
const DEFAULT_COLUMNS = 80;

/** Returns the width of the output, in columns; `Infinity` if it is not a terminal. */
export const outputWidth = (): number =>
  process.stdout.isTTY ? process.stdout.columns || DEFAULT_COLUMNS : Number.POSITIVE_INFINITY;

/**
 * Prints text and a line break. Resolves when the output accepts more text.
 *
 * @param text - Text without unsafe characters.
 */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(`${text}\n`)) return;
  await once(process.stdout, 'drain', { signal: interruption });
}

/** Prints a line on stderr, where it does not mix with the data. */
export const printNote = (text: string): void => void process.stderr.write(`rx-watcher: ${safeText(text)}\n`);

/** Style of a text. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green';

/** Returns whether styles are written to the output. `NO_COLOR` and `FORCE_COLOR` have precedence over the terminal. */
const hasStyles = (): boolean => {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0';
  return !NO_COLOR && process.stdout.isTTY === true && process.env.TERM !== 'dumb';
};

/** Returns a text with a style, if the output has styles. */
export const styled = (style: Style, text: string): string =>
  hasStyles() ? styleText(style, text, { validateStream: false }) : text;
