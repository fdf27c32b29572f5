import type { ChangeStatus, FileChange, StatusedFileChange } from './file-change.ts';

/** What git is asked to print of each commit: four fields. `-z` ends each with a NUL. */
export const COMMIT_FORMAT = '%H%x00%an%x00%at%x00%s';

const HASH = /^[0-9a-f]{40,64}$/;
const STATUS = /^\n?([ADMRT])\d*$/; // a line feed parts a commit from its changes, even with -z

/**
 * Reads the fields that `git log -z --name-status` prints: for each commit the four of {@link COMMIT_FORMAT}, then, for
 * each file, a status and a path, or a status and two paths for one that was renamed.
 *
 * Whether a commit or a file comes next shows in the first field alone. Paths and subjects, in which anything may
 * stand, are taken by their place and never looked at.
 */
export async function* parseHistory(
  fields: AsyncIterable<string>,
): AsyncGenerator<StatusedFileChange, void, undefined> {
  const input = fields[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await input.next();
    if (done) throw new Error('the output of git breaks off in the middle of a commit');
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
      const [oldPath, path] = status === 'R' ? [await next(), await next()] : [undefined, await next()];
      yield { status, change: oldPath === undefined ? { path, ...commit } : { path, oldPath, ...commit } };
    } else {
      throw new Error(`git printed ${JSON.stringify(field.value)} where a commit or a file was expected`);
    }
  }
}

/** A commit can claim any time; one that no calendar holds becomes 1970. */
function isoDate(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}
