import { authors } from './authors.ts';
import { changedFiles } from './changed-files.ts';
import { deletedFiles } from './deleted-files.ts';
import type { View } from './view.ts';

/** What the demo computes, each with a watcher of its own. Their rows are of different types, and nobody else's business. */
export const VIEWS: readonly View<unknown>[] = [changedFiles, authors, deletedFiles];
