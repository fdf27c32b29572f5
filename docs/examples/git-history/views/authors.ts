import { byName } from './by-name.ts';
import type { View } from './view.ts';

interface Author {
  readonly author: string;
  readonly commits: number;
  readonly changes: number;
  /** The dates of the first and the last commit. */
  readonly first: string;
  readonly last: string;
  /** The commit counted last: the events of one commit follow each other in the log. */
  readonly lastCommit: string;
}

/** Who wrote the commits, and how many files they changed. */
export const authors: View<Author> = {
  name: 'authors',
  fold({ object: { author, commit, date } }, rows) {
    const row = rows.get(author);
    rows.put(author, {
      author,
      commits: (row?.commits ?? 0) + (row?.lastCommit === commit ? 0 : 1),
      changes: (row?.changes ?? 0) + 1,
      first: row !== undefined && row.first < date ? row.first : date,
      last: row !== undefined && row.last > date ? row.last : date,
      lastCommit: commit,
    });
  },
  table: {
    title: 'Authors by activity',
    head: ['Author', 'Commits', 'File changes', 'First', 'Last'],
    compare: (a, b) => b.commits - a.commits || b.changes - a.changes || byName(a.author, b.author),
    cells: ({ author, commits, changes, first, last }) => [
      author,
      commits,
      changes,
      first.slice(0, 10),
      last.slice(0, 10),
    ],
  },
};
