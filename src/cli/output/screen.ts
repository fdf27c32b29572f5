import { print } from './print.ts';

/** Number of rows of a terminal without a known size. */
const DEFAULT_ROWS = 24;

const CLEAR_SCREEN = '\u001b[2J';
const CURSOR_HOME = '\u001b[H';
const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Returns the lines that fit a number of rows, with a note about the others. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  const shown = lines.slice(0, rows - 1);
  return [...shown, `… ${lines.length - shown.length} more lines`];
}

/** Terminal on which each text replaces the previous one. */
export class Screen {
  #isCleared = false;

  /**
   * Shows a text from the first row on, and a footer after it. Lines that do not fit are missing, because a screen that
   * scrolls would repeat the text.
   *
   * @param text - Lines that are not wider than the terminal.
   */
  async show(text: string, footer: string): Promise<void> {
    // The cursor is on the last row, after an empty row and the footer.
    const rows = (process.stdout.rows || DEFAULT_ROWS) - 3;
    const lines = [...fitting(text.split('\n'), rows), '', footer];
    // To clear the whole screen each time would flicker.
    const start = this.#isCleared ? CURSOR_HOME : CLEAR_SCREEN + CURSOR_HOME;
    this.#isCleared = true;
    await print(start + lines.map((line) => line + CLEAR_REST_OF_LINE).join('\n') + CLEAR_BELOW);
  }
}
