import { createInterface } from 'node:readline/promises';
import { interruption } from './interruption.ts';
import { safeText } from './output/text.ts';
import { UsageError } from './usage-error.ts';

/** Option of the commands that change a log. */
export interface ConfirmOptions {
  /** Whether the user has confirmed the change on the command line. */
  readonly yes?: boolean;
}

/**
 * Asks on the terminal whether to make a change.
 *
 * @returns Whether the change is confirmed.
 * @throws {@link UsageError} if there is no terminal and `--yes` is not given.
 */
export async function confirm(question: string, { yes = false }: ConfirmOptions): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError('this command changes the log; confirm it with --yes, or run it on a terminal');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${safeText(question)} [y/N] `, { signal: interruption });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
