import { map, type Observable, switchMap } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import { SequenceTrimmedError } from '../../errors.ts';
import { afterSequenceNumber, type EventIterator } from '../../event/event-iterator.ts';

export interface Position {
  /** Sequence number after which the reader continues. */
  readonly after: number;
  /** Iterator of this position. Until the reader has moved, it is the iterator of the caller. */
  readonly iterator: EventIterator;
}

/** Returns the position of an iterator; `undefined` if the position depends on the contents of the log. */
function fixedPosition(iterator: EventIterator): Position | undefined {
  switch (iterator.type) {
    case 'trim_horizon':
      return { after: 0, iterator };
    case 'at_sequence_number':
      return { after: Math.max(0, iterator.sequenceNumber - 1), iterator };
    case 'after_sequence_number':
      return { after: iterator.sequenceNumber, iterator };
    default:
      return undefined;
  }
}

const afterSeqNum = (seqNum: number): Position => ({ after: seqNum, iterator: afterSequenceNumber(seqNum) });

/** Calls `work` with the position of an iterator. For `latest()` and `atTimestamp()`, reads the position from the log. */
export function atPosition<T>(
  log: EventLog,
  iterator: EventIterator,
  work: (position: Position) => Observable<T>,
): Observable<T> {
  const fixed = fixedPosition(iterator);
  if (fixed !== undefined) return work(fixed);
  const position =
    iterator.type === 'at_timestamp'
      ? log.seqNumForTimestamp(iterator.timestamp).pipe(map((first) => afterSeqNum(first - 1)))
      : log.bounds().pipe(map(({ latest }) => afterSeqNum(latest)));
  return position.pipe(switchMap(work));
}

/**
 * Checks that the event after a position is not deleted. The position of `trimHorizon()` always passes.
 *
 * @throws {@link SequenceTrimmedError} if the log no longer holds the event after the position.
 */
export function assertNotTrimmed({ after, iterator }: Position, oldest: number): void {
  if ('sequenceNumber' in iterator && after + 1 < oldest) {
    throw new SequenceTrimmedError(iterator.sequenceNumber, oldest);
  }
}

/** Returns the position after a page that was read at `position` and scanned up to `lastScannedSeqNum`. */
export function positionAfter(position: Position, oldest: number, lastScannedSeqNum: number): Position {
  if (position.iterator.type !== 'trim_horizon' && lastScannedSeqNum <= position.after) return position;
  const after = Math.max(lastScannedSeqNum, oldest - 1);
  return { after, iterator: afterSequenceNumber(after) };
}
