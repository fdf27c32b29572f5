import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { DemoError } from './demo-error.ts';

export interface CommandLine {
  /** Any directory of the repository, or a bare one. */
  readonly repo: string;
  /**
   * Where the events are kept: a file, or a stream as `nats://HOST:PORT/STREAM`. Without it, a file under the current
   * directory, one for each repository.
   */
  readonly store?: string;
  /** Start over: delete the store first. */
  readonly fresh: boolean;
  /** The most events stored in a second, for those who want to watch, or to press Ctrl-C in time. */
  readonly rate?: number;
}

/**
 * Reads the arguments of the command line.
 *
 * @returns `undefined` when help was asked for, and given.
 * @throws {@link DemoError} on a flag that is unknown, lacks its value or has a wrong one.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine | undefined {
  const command = new Command('npm run demo --')
    .description(
      'Follows the history of a git repository with three watchers, each event counted exactly once.',
    )
    .option('--repo <path>', 'a git repository, or a directory in one', '.')
    .option(
      '--store <place>',
      'where the events are kept: a file (default: .rx-watcher-demo/<repository>.lmdb), or nats://HOST:PORT/STREAM, a stream of a NATS server with JetStream, and its tables in .rx-watcher-demo/<stream>@<host>-<port>.lmdb',
    )
    .option('--fresh', 'delete the store first and start over', false)
    .option('--rate <events>', 'store at most that many events a second', positiveInteger)
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
