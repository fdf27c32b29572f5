import { once } from 'node:events';
import { styleText } from 'node:util';
import { interruption } from '../interruption.ts';
import { safeText, wrap } from './text.ts';

/** Number of columns of a terminal without a known size. */
const DEFAULT_COLUMNS = 80;

const widthOf = ({ isTTY, columns }: NodeJS.WriteStream): number =>
  isTTY ? columns || DEFAULT_COLUMNS : Number.POSITIVE_INFINITY;

/** Returns the width of the output, in columns; `Infinity` if it is not a terminal. */
export const outputWidth = (): number => widthOf(process.stdout);

/**
 * Prints text and a line break. The Promise resolves when the output accepts more text.
 *
 * @param text - Text without characters that a terminal interprets; see `safeText`.
 */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(`${text}\n`)) return;
  await once(process.stdout, 'drain', { signal: interruption });
}

const INDENTATION = '  ';

/**
 * Prints a message on stderr, so that the message does not mix with the data on stdout. The message is one line, which is
 * wrapped only on a terminal.
 */
export function printNote(text: string): void {
  const lines = wrap(`rx-watcher: ${safeText(text)}`, widthOf(process.stderr) - INDENTATION.length);
  process.stderr.write(`${lines.join(`\n${INDENTATION}`)}\n`);
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green';

/** Returns whether styles are written to the output. `NO_COLOR` and `FORCE_COLOR` have precedence over the terminal. */
const hasStyles = (): boolean => {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0';
  return !NO_COLOR && process.stdout.isTTY === true && process.env.TERM !== 'dumb';
};

/** Returns a text with the escape codes of a style; the text itself if the output must have no styles. */
export const styled = (style: Style, text: string): string =>
  hasStyles() ? styleText(style, text, { validateStream: false }) : text;
