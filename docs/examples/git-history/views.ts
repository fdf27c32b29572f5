/** Views: the results of the watchers. A view has a function that counts events in rows, and a table that shows the rows. */
import { type EventFilter, Operation } from 'rx-watcher';
import type { FileEvent } from './open-log.ts';

/** Rows of a view, by name. */
export interface Rows<Row> {
  get(name: string): Row | undefined;
  put(name: string, row: Row): void;
  remove(name: string): void;
}

export interface View<Row> {
  /** Name of the view, and id of its watcher. */
  readonly name: string;
  /** Events that the view counts. By default, all. */
  readonly filter?: EventFilter;
  /** Counts one event. The result must depend only on the event and the rows. */
  fold(event: FileEvent, rows: Rows<Row>): void;
  readonly table: ViewTable<Row>;
}

export interface ViewTable<Row> {
  readonly title: string;
  readonly head: readonly string[];
  /** Orders the rows. Must never return 0 for two different rows, so that the order is unique. */
  compare(a: Row, b: Row): number;
  cells(row: Row): readonly (string | number)[];
}

/** Compares by UTF-16 code units, so that the order does not depend on the language of the machine. */
function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

interface ChangedFile {
  readonly path: string;
  readonly changes: number;
}

/** Files, ordered by number of changes. A renamed file keeps its count. */
const changedFiles: View<ChangedFile> = {
  name: 'changed-files',
  fold({ object: { path, oldPath } }, rows) {
    const before = oldPath === undefined ? 0 : (rows.get(oldPath)?.changes ?? 0);
    if (oldPath !== undefined) rows.remove(oldPath);
    rows.put(path, { path, changes: (rows.get(path)?.changes ?? 0) + before + 1 });
  },
  table: {
    title: 'Most-changed files',
    head: ['File', 'Changes'],
    compare: (a, b) => b.changes - a.changes || byName(a.path, b.path),
    cells: ({ path, changes }) => [path, changes],
  },
};

interface Author {
  readonly author: string;
  readonly commits: number;
  readonly changes: number;
  /** Date of the first commit. */
  readonly first: string;
  /** Date of the last commit. */
  readonly last: string;
  /** Commit of the last counted event. The events of one commit are consecutive in the log. */
  readonly lastCommit: string;
}

/** Authors, ordered by number of commits. */
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
      ...[author, commits, changes],
      ...[first.slice(0, 10), last.slice(0, 10)],
    ],
  },
};

interface DeletedFile {
  readonly path: string;
  /** Date, author and commit subject of the last deletion. */
  readonly date: string;
  readonly author: string;
  readonly subject: string;
}

/** Deleted files. The filter of its watcher is applied to the header of an event, before the object is decoded. */
const deletedFiles: View<DeletedFile> = {
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

/** All views. Each has its own watcher and its own type of row. */
export const VIEWS: readonly View<unknown>[] = [changedFiles, authors, deletedFiles];
