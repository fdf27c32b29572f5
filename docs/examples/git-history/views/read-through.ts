import type { WatcherStats } from 'rx-watcher';

/** The last event that a watcher has read, those that its filter left out included; 0 if it has read none. */
export function readThrough({ nextEventIterator: next }: WatcherStats): number {
  if (next.type === 'after_sequence_number') return next.sequenceNumber;
  return next.type === 'at_sequence_number' ? next.sequenceNumber - 1 : 0;
}
