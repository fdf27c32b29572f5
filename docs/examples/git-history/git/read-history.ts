import { askGit } from './ask-git.ts';
import type { StatusedFileChange } from './file-change.ts';
import { nulFields } from './nul-fields.ts';
import { COMMIT_FORMAT, parseHistory } from './parse-history.ts';
import { streamGit } from './stream-git.ts';

/** The commits that `tip` has and `base` has not; all that `tip` has, without a base. */
export interface HistoryRange {
  readonly base?: string;
  readonly tip: string;
}

/**
 * Every setting of the user's that would change what is printed, or its order, is overruled: the same range must be
 * printed the same way whenever it is read. (An import that was cut short goes on by counting.) Merges are left out:
 * what they bring together was already printed with the commits that they merge.
 */
const SETTINGS = ['core.commitGraph=false', 'diff.relative=false', 'log.showRoot=true', 'log.follow=false'];
const FLAGS = [
  ...['--reverse', '--topo-order', '--no-merges', '-z', '--name-status', '--root', '-O/dev/null'],
  ...[
    '-M50%',
    '-l1000',
    '--rename-empty',
    '--ignore-submodules=none',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
  ],
  ...['--no-show-signature', '--no-notes', '--encoding=UTF-8', `--format=tformat:${COMMIT_FORMAT}`],
];

/**
 * Reads every change of a range of history, the oldest first, as git prints it: nothing is read ahead.
 *
 * @param signal - Aborting it ends the stream, without an error, wherever it is.
 */
export async function* readHistory(
  directory: string,
  range: HistoryRange,
  signal: AbortSignal,
): AsyncGenerator<StatusedFileChange, void, undefined> {
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const output = streamGit(directory, [...settings, 'log', ...FLAGS, ...commits(range)], signal);
  try {
    yield* parseHistory(nulFields(output));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Counts the commits of a range that {@link readHistory} reads. */
export async function countCommits(directory: string, range: HistoryRange): Promise<number> {
  const answer = await askGit(directory, 'rev-list', '--count', '--no-merges', ...commits(range));
  if (answer.code !== 0) throw new Error(`git rev-list failed: ${answer.complaint}`);
  return Number(answer.text);
}

const commits = ({ base, tip }: HistoryRange) =>
  base === undefined ? [tip, '--'] : [`${base}..${tip}`, '--'];
