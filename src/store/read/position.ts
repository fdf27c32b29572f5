import { map, type Observable, switchMap } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import { SequenceTrimmedError } from '../../errors.ts';
import { afterSequenceNumber, type EventIterator } from '../../event/event-iterator.ts';

/** Where a reader stands in the log. */
export interface Position {
  /** The number after which to read on. */
  readonly after: number;
  /** The same as an iterator: as it was given, until the reader has moved. */
  readonly iterator: EventIterator;
}

/** The place that an iterator names, if the log need not be asked for it. */
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

const behind = (seqNum: number): Position => ({ after: seqNum, iterator: afterSequenceNumber(seqNum) });

/** Does something at the place that an iterator means at this moment. */
export function atPosition<T>(
  log: EventLog,
  iterator: EventIterator,
  work: (place: Position) => Observable<T>,
): Observable<T> {
  const named = fixedPosition(iterator);
  if (named !== undefined) return work(named);
  const place =
    iterator.type === 'at_timestamp'
      ? log.seqNumForTimestamp(iterator.timestamp).pipe(map((first) => behind(first - 1)))
      : log.bounds().pipe(map(({ latest }) => behind(latest)));
  return place.pipe(switchMap(work));
}

/**
 * Refuses to go on where events that were asked for by number are gone.
 *
 * @throws SequenceTrimmedError
 */
export function assertNotTrimmed({ after, iterator }: Position, oldest: number): void {
  if ('sequenceNumber' in iterator && after + 1 < oldest) {
    throw new SequenceTrimmedError(iterator.sequenceNumber, oldest);
  }
}

/** The place after a page that was examined up to `through`. */
export function positionAfter(place: Position, oldest: number, through: number): Position {
  if (place.iterator.type !== 'trim_horizon' && through <= place.after) return place;
  const after = Math.max(through, oldest - 1);
  return { after, iterator: afterSequenceNumber(after) };
}
