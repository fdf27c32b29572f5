/** Reads the history of a git repository. Nothing in this file depends on rx-watcher. */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { DemoError, printable } from './command-line.ts';

export interface Repository {
  /** Directory in which git is started. */
  readonly directory: string;
  /** Directory of git's own data. It identifies the repository on this machine. */
  readonly gitDirectory: string;
  /** Hash of the commit at HEAD. */
  readonly head: string;
}

/** Range of commits: `tip` and its ancestors, without `base` and the ancestors of `base`. */
export interface HistoryRange {
  readonly base?: string;
  readonly tip: string;
}

/** A change of one file by one commit: the object of an event. */
export interface FileChange {
  readonly path: string;
  /** Previous path, if the commit renamed the file. */
  readonly oldPath?: string;
  /** Hash of the commit. */
  readonly commit: string;
  readonly author: string;
  /** Time at which the commit was written, as an ISO string in UTC. */
  readonly date: string;
  /** First line of the commit message. */
  readonly subject: string;
}

/** Status of a change in git: added, deleted, modified, renamed, type changed. */
export type ChangeStatus = 'A' | 'D' | 'M' | 'R' | 'T';

export interface StatusedFileChange {
  readonly status: ChangeStatus;
  readonly change: FileChange;
}

/**
 * Finds the repository that contains a path.
 *
 * @throws {@link DemoError} if there is no repository, if it has no commit, or if git is not installed.
 */
export async function openRepository(path: string): Promise<Repository> {
  const directory = resolve(path);
  const gitDirectory = await runGit(directory, 'rev-parse', '--absolute-git-dir');
  if (gitDirectory.code !== 0) {
    throw new DemoError(
      `cannot read '${printable(directory)}' as a git repository: ${gitDirectory.complaint}; name another directory with --repo`,
    );
  }
  const head = await runGit(directory, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (head.code !== 0) {
    throw new DemoError(
      `cannot read the history of '${printable(directory)}': it has no commits; commit something, or name another repository with --repo`,
    );
  }
  return { directory, gitDirectory: gitDirectory.text, head: head.text };
}

/** Returns whether a repository has a commit. */
export const hasCommit = async ({ directory }: Repository, commit: string): Promise<boolean> =>
  (await runGit(directory, 'cat-file', '-e', `${commit}^{commit}`)).code === 0;

/** Returns whether one commit is an ancestor of another, or the same. */
export async function isAncestor(
  { directory }: Repository,
  ancestor: string,
  commit: string,
): Promise<boolean> {
  const { code, complaint } = await runGit(directory, 'merge-base', '--is-ancestor', ancestor, commit);
  if (code !== 0 && code !== 1) throw new Error(`git merge-base failed: ${complaint}`);
  return code === 0;
}

/** Counts the commits that {@link readHistory} reads. */
export async function countCommits(directory: string, range: HistoryRange): Promise<number> {
  const { code, complaint, text } = await runGit(
    directory,
    ...['rev-list', '--count', '--no-merges'],
    ...revisions(range),
  );
  if (code !== 0) throw new Error(`git rev-list failed: ${complaint}`);
  return Number(text);
}

/**
 * Reads every change of a range, the oldest first. Nothing is read in advance: if the consumer is slow, the pipe fills
 * and git waits, so that memory stays constant. If git fails, the generator throws, because a truncated history must not look
 * like a complete one.
 *
 * @param signal - Ends the stream without an error when it is aborted.
 */
export async function* readHistory(
  directory: string,
  range: HistoryRange,
  signal: AbortSignal,
): AsyncGenerator<StatusedFileChange, void, undefined> {
  if (signal.aborted) return;
  const git = startGit(directory, [...SETTINGS, 'log', ...FLAGS, ...revisions(range)]);
  const ended = endOf(git);
  ended.catch(() => {}); // if the consumer stops early, `ended` is never awaited, and its rejection must not be unhandled
  const kill = () => git.kill();
  signal.addEventListener('abort', kill);
  try {
    yield* parseHistory(nulFields(git.stdout ?? []));
    const { code, complaint } = await ended;
    if (code !== 0) throw new Error(`git ended early (${code ?? 'killed'}): ${complaint}`);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

const revisions = ({ base, tip }: HistoryRange) => [base === undefined ? tip : `${base}..${tip}`, '--'];

/**
 * Settings and flags that override the user's configuration. Git must always print a range in the same way and order, because
 * an interrupted import skips as many changes as it has stored. Merges are excluded: their changes are those of the merged
 * commits.
 */
const SETTINGS = [
  ...['-c', 'core.commitGraph=false', '-c', 'diff.relative=false'],
  ...['-c', 'log.showRoot=true', '-c', 'log.follow=false'],
];
const FLAGS = [
  ...['--reverse', '--topo-order', '--no-merges', '--root', '-z', '--name-status', '-O/dev/null'],
  ...['-M50%', '-l1000', '--rename-empty', '--ignore-submodules=none', '--no-ext-diff', '--no-textconv'],
  ...['--no-color', '--no-show-signature', '--no-notes', '--encoding=UTF-8'],
  '--format=tformat:%H%x00%an%x00%at%x00%s',
];

const HASH = /^[0-9a-f]{40,64}$/;
const STATUS = /^\n?([ADMRT])\d*$/; // a line feed separates a commit from its changes, even with -z

/**
 * Parses the fields of `git log -z --name-status`. A commit has four fields: hash, author, time and subject. A file has
 * two fields, status and path; a rename has three, with both paths.
 *
 * The first field of each commit and file shows which of the two it is: a hash, or a status. The other fields can contain
 * anything, so they are recognized by their position.
 */
export async function* parseHistory(
  fields: AsyncIterable<string>,
): AsyncGenerator<StatusedFileChange, void, undefined> {
  const input = fields[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await input.next();
    if (done) throw new Error('the output of git ends in the middle of a commit');
    return value;
  };
  let commit: Omit<FileChange, 'path'> | undefined;
  for (let field = await input.next(); !field.done; field = await input.next()) {
    const status = STATUS.exec(field.value)?.[1] as ChangeStatus | undefined;
    if (HASH.test(field.value)) {
      commit = {
        commit: field.value,
        author: await next(),
        date: isoDate(await next()),
        subject: await next(),
      };
    } else if (commit !== undefined && status !== undefined) {
      const renamed = status === 'R' && { oldPath: await next() };
      yield { status, change: { path: await next(), ...renamed, ...commit } };
    } else {
      throw new Error(
        `the output of git must contain a commit or a file here; received ${JSON.stringify(field.value)}`,
      );
    }
  }
}

/** Converts the time of a commit, which can be any number. A time outside the calendar becomes 1970. */
function isoDate(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

/**
 * Splits a stream of bytes into texts that each end with a NUL, wherever the stream is split into chunks.
 *
 * A last text without a NUL is an error.
 */
export async function* nulFields(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  let unfinished: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      yield decode(Buffer.concat([...unfinished, chunk.subarray(start, end)]));
      unfinished = [];
      start = end + 1;
    }
    if (start < chunk.length) unfinished.push(chunk.subarray(start));
  }
  if (unfinished.length > 0) throw new Error('the output of git ends in the middle of a field');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Git stores names as bytes. Names that are not UTF-8 are read as Latin-1, so that two names never become one. */
function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

interface GitEnd {
  readonly code: number | null;
  /** First line of git's error output, printable. */
  readonly complaint: string;
}

/** Runs a git command with a short output. Resolves for any exit code, because 1 can mean "no", as for `--is-ancestor`. */
async function runGit(
  directory: string,
  ...args: readonly string[]
): Promise<GitEnd & { readonly text: string }> {
  const git = startGit(directory, args);
  let text = '';
  git.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { ...(await endOf(git)), text: text.replace(/\n$/, '') };
}

/**
 * Starts git in a separate process group. Ctrl-C ends each process in the group of the terminal, but git must run until the
 * current batch is stored.
 */
function startGit(directory: string, args: readonly string[]): ChildProcess {
  return spawn('git', ['-C', directory, '--no-pager', '--no-replace-objects', ...args], {
    env: gitEnvironment(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/**
 * Returns the environment of this process without variables that name another repository (a git hook sets them), and with
 * English as the language.
 */
function gitEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(
    ([name]) => !name.startsWith('GIT_') || /^GIT_(CONFIG|EXEC_PATH)/.test(name),
  );
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
}

/** Resolves when git has ended and its outputs are closed. */
function endOf(git: ChildProcess): Promise<GitEnd> {
  let complaint = '';
  git.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 1000) complaint += text;
  });
  return new Promise((resolve, reject) => {
    git.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? noGit(error) : error),
    );
    git.once('close', (code) =>
      resolve({ code, complaint: printable(complaint.trim().split('\n')[0] ?? '') }),
    );
  });
}

const noGit = (cause: Error) =>
  new DemoError('cannot find git: install it, or add it to the PATH, and run the same command again', {
    cause,
  });
