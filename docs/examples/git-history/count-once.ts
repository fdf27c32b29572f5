/**
 * Counts each event exactly once, in tables that are not in the log of the events.
 *
 * The rows of a view and its position, the sequence number of the last event that they count, change in one transaction of
 * the tables. If the process is killed before the checkpoint follows, the watcher delivers counted events again. Their
 * sequence numbers are not above the position, so they are skipped.
 */
import type { BatchHandler } from 'rx-watcher';
import type { DemoLog, FileEvent } from './open-log.ts';

/** Returns a handler that counts the events of a batch in one transaction. */
export const countOnce =
  (
    { positions, transaction }: Pick<DemoLog, 'positions' | 'transaction'>,
    view: string,
    fold: (event: FileEvent) => void,
  ): BatchHandler<FileEvent> =>
  (events) =>
    transaction(() => {
      const position = positions.get(view) ?? 0;
      const uncounted = events.filter(({ seqNum }) => seqNum > position);
      uncounted.forEach(fold);
      void positions.put(view, uncounted.at(-1)?.seqNum ?? position);
    });
