import { print } from './print.ts';

/** Number of rows of a terminal without a known size. */
const DEFAULT_ROWS = 24;

const CLEAR_SCREEN = '\u001b[2J';
const CURSOR_HOME = '\u001b[H';
const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Returns the lines that fit a number of rows. The last row is a note if lines do not fit. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  const shown = lines.slice(0, rows - 1);
  return [...shown, `… ${lines.length - shown.length} more lines`];
}

/** Terminal on which each text replaces the previous one. */
export class Screen {
  #isCleared = false;

  /**
   * Shows a text from the first row on, and a footer below the text. Lines that do not fit are omitted, because the terminal
   * would otherwise scroll, and show parts of the text several times.
   *
   * @param text - Lines that are not wider than the terminal.
   */
  async show(text: string, footer: string): Promise<void> {
    // Three rows are reserved for an empty line, the footer and the cursor.
    const rows = Math.max(1, (process.stdout.rows || DEFAULT_ROWS) - 3);
    const lines = [...fitting(text.split('\n'), rows), '', footer];
    // The whole screen is cleared only once, because the text would flicker otherwise.
    const start = this.#isCleared ? CURSOR_HOME : CLEAR_SCREEN + CURSOR_HOME;
    this.#isCleared = true;
    await print(start + lines.map((line) => line + CLEAR_REST_OF_LINE).join('\n') + CLEAR_BELOW);
  }
}
