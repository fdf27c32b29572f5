import { byName } from './by-name.ts';
import type { View } from './view.ts';

interface ChangedFile {
  readonly path: string;
  readonly changes: number;
}

/** The files that were changed most often. A renamed file takes its changes along to its new name. */
export const changedFiles: View<ChangedFile> = {
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
