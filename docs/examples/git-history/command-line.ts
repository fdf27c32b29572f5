import { Command, CommanderError, InvalidArgumentError } from 'commander';

/** An error that the user can correct. Its message is one line that names the cause and the remedy; the exit code is 2. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

export interface CommandLine {
  /** Path of a git repository, or of any directory inside one. */
  readonly repo: string;
  /** Path of a file, or `nats://HOST:PORT/STREAM`. By default, each repository has a file under the current directory. */
  readonly store?: string;
  /** Whether to delete the store first. */
  readonly fresh: boolean;
  /** Maximum number of events to store per second. */
  readonly rate?: number;
}

/**
 * Parses the arguments of the command line.
 *
 * @returns `undefined` if the user asked for help, which is then already printed.
 * @throws {@link DemoError} if an option is unknown, lacks its value or has an invalid value.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine | undefined {
  const command = new Command('npm run demo --')
    .description(
      'Follows the history of a git repository with three watchers. Each event is counted exactly once.',
    )
    .option('--repo <path>', 'a git repository, or a directory inside one', '.')
    .option(
      '--store <place>',
      'place of the events: a file (default: .rx-watcher-demo/<repository>.lmdb), or nats://HOST:PORT/STREAM, a stream of a NATS server with JetStream, with its tables in .rx-watcher-demo/<stream>@<host>-<port>.lmdb',
    )
    .option('--fresh', 'delete the store first and start over', false)
    .option('--rate <events>', 'maximum number of events to store per second', positiveInteger)
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  try {
    return command.parse(argv, { from: 'user' }).opts<CommandLine>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new DemoError(`${error.message.replace(/^error: /, '')}; see npm run demo -- --help`, {
      cause: error,
    });
  }
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/** Control characters, line separators and characters that reverse the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Escapes text from outside (a path, an author, the subject of a commit) for output on one line. An escape sequence in a
 * commit could otherwise move the cursor or hide other output.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === '\n' ? '\\n' : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Returns the printable message of an error. */
export const messageOf = (error: unknown): string =>
  printable(error instanceof Error ? error.message : String(error));

const format = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Formats a number, the same on every machine: `12,345`. */
export const formatNumber = (value: number): string => format.format(value);
