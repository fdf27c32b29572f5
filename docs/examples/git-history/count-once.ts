/**
 * Counts each event exactly once, in tables that are not in the log of the events.
 *
 * The position of a view is the sequence number of the last event that is included in its rows. One transaction stores the rows
 * and the position. If the process is killed before the checkpoint is stored, the watcher delivers counted events again. The
 * sequence numbers of these events are not above the position, so the handler skips them.
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
