import { CommanderError } from 'commander';
import { messageOf } from './error-message.ts';
import { interruption, interruptionCode, listenForInterruptions } from './interruption.ts';
import { printNote } from './output/print.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

function reportUsage(error: CommanderError): number {
  if (error.exitCode === 0) return 0; // The help or the version was requested, and is printed.
  const message = messageOf(error)
    .replace(/^error: /, '')
    .replace('; (Did you mean', ' (Did you mean');
  // If the command line names no command, the help is printed, and a message would be superfluous.
  if (error.code !== 'commander.help') printNote(`${message.replace(/\.$/, '')}; see rx-watcher --help`);
  return WRONG_USAGE;
}

/** Prints an error. Returns the exit code. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return reportUsage(error);
  printNote(messageOf(error));
  return error instanceof UsageError ? WRONG_USAGE : FAILED;
}

/**
 * Runs a command line. Prints errors as one line on stderr.
 *
 * @returns Exit code: 0 for success, 1 for a failure, 2 for wrong usage. A command can set a different exit code.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  listenForInterruptions();
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!interruption.aborted) {
      const code = reportError(error);
      // The command `check` has already set its own exit code.
      return Number(process.exitCode ?? code);
    }
  }
  return interruption.aborted ? interruptionCode() : Number(process.exitCode ?? 0);
}
