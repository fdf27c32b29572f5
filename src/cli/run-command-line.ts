import { CommanderError } from 'commander';
import { interruption, interruptionCode, listenForInterruptions } from './interruption.ts';
import { printNote } from './output/print.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

/** Returns the message of any thrown value on one line. */
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().replace(/\s*\n\s*/g, '; ');

function reportUsage(error: CommanderError): number {
  if (error.exitCode === 0) return 0; // The help or the version was requested, and is printed.
  const message = messageOf(error)
    .replace(/^error: /, '')
    .replace('; (Did you mean', ' (Did you mean');
  if (error.code === 'commander.help') return WRONG_USAGE; // The help is printed.
  printNote(`${message.replace(/\.$/, '')}; see rx-watcher --help`);
  return WRONG_USAGE;
}

/**
 * Runs a command line. Prints errors as one line on stderr.
 *
 * @returns Exit code: 0 for success, 1 for a failure, 2 for wrong usage.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  listenForInterruptions();
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!interruption.aborted) {
      if (error instanceof CommanderError) return reportUsage(error);
      printNote(messageOf(error));
      return error instanceof UsageError ? WRONG_USAGE : FAILED;
    }
  }
  return interruption.aborted ? interruptionCode() : 0;
}
