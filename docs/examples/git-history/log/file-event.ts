import { extname } from 'node:path';
import { type Event, Operation, type StoreEventRequest } from 'rx-watcher';
import type { ChangeStatus, FileChange, StatusedFileChange } from '../git/file-change.ts';

/** What the log of this demo holds: one event for each file that a commit touched. */
export type FileEvent = Event<FileChange>;

const OPERATIONS: Record<ChangeStatus, Operation> = {
  A: Operation.Create,
  M: Operation.Update,
  R: Operation.Update,
  T: Operation.Update,
  D: Operation.Delete,
};

/** Turns a change into the event to store: its type is the kind of file, told by the extension. */
export function fileEvent({ status, change }: StatusedFileChange): StoreEventRequest<FileChange> {
  const object = { ...change, author: brief(change.author), subject: brief(change.subject) };
  return { operation: OPERATIONS[status], objectType: kindOf(change.path), object };
}

/** Cuts off what nobody means to read, and not in the middle of a character: an event is to be small. */
function brief(text: string): string {
  return text.length <= 500 ? text : text.slice(0, 500).replace(/[\ud800-\udbff]$/, '');
}

function kindOf(path: string): string {
  const extension = extname(path).slice(1).toLowerCase();
  return /^[a-z0-9]{1,12}$/.test(extension) ? extension : 'other';
}
