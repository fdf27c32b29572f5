import { map, type Observable, of } from 'rxjs';
import { SequenceTrimmedError } from '../errors.ts';
import { afterSequenceNumber, type EventIterator } from '../event/event-iterator.ts';
import type { EventLog } from './event-log.ts';

/** Where a reader stands in the log. */
export interface Place {
  /** The number after which to read on. */
  readonly after: number;
  /** The same as an iterator: as it was given, until the reader has moved. */
  readonly iterator: EventIterator;
}

/** Finds the place that an iterator means at this moment. */
export function resolvePlace(log: EventLog, iterator: EventIterator): Observable<Place> {
  switch (iterator.type) {
    case 'trim_horizon':
      return of({ after: 0, iterator });
    case 'latest':
      return log
        .bounds()
        .pipe(map(({ latest }) => ({ after: latest, iterator: afterSequenceNumber(latest) })));
    case 'at_timestamp':
      return log
        .firstAt(iterator.timestamp)
        .pipe(map((first) => ({ after: first - 1, iterator: afterSequenceNumber(first - 1) })));
    case 'at_sequence_number':
      return of({ after: Math.max(0, iterator.sequenceNumber - 1), iterator });
    case 'after_sequence_number':
      return of({ after: iterator.sequenceNumber, iterator });
  }
}

/**
 * Refuses to go on where events that were asked for by number are gone.
 *
 * @throws SequenceTrimmedError
 */
export function refuseTrimmed({ after, iterator }: Place, oldest: number): void {
  if ('sequenceNumber' in iterator && after + 1 < oldest) {
    throw new SequenceTrimmedError(iterator.sequenceNumber, oldest);
  }
}

/** The place after a page that was examined up to `through`. */
export function placeAfter(place: Place, oldest: number, through: number): Place {
  if (place.iterator.type !== 'trim_horizon' && through <= place.after) return place;
  const after = Math.max(through, oldest - 1);
  return { after, iterator: afterSequenceNumber(after) };
}
