import { Operation } from 'rx-watcher';
import { byName } from './by-name.ts';
import type { View } from './view.ts';

interface DeletedFile {
  readonly path: string;
  /** The last deletion: when, by whom and why. */
  readonly date: string;
  readonly author: string;
  readonly subject: string;
}

/** The files that were deleted. Its watcher is given no other events: the filter is applied before they are decoded. */
export const deletedFiles: View<DeletedFile> = {
  name: 'deleted-files',
  filter: { operations: [Operation.Delete] },
  fold({ object: { path, date, author, subject } }, rows) {
    rows.put(path, { path, date, author, subject });
  },
  table: {
    title: 'Deleted files, the latest first',
    head: ['File', 'Deleted', 'Author', 'Commit'],
    compare: (a, b) => byName(b.date, a.date) || byName(a.path, b.path),
    cells: ({ path, date, author, subject }) => [path, date.slice(0, 10), author, subject],
  },
};
