import { catchError, map, type Observable, of } from 'rxjs';
import { DeserializationError, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventIterator, EventIteratorCodec } from '../event/event-iterator.ts';
import type { EventStore } from '../store/event-store.ts';
import { check } from '../validation/check.ts';

/**
 * The number after which an iterator begins, at this moment.
 *
 * @throws SequenceTrimmedError if it names an event that is no longer held.
 * @throws InvalidOptionsError if it is none.
 */
export function seekTarget<E extends Event>(
  store: EventStore<E>,
  iterator: EventIterator,
): Observable<number> {
  check(EventIteratorCodec, iterator, (faults) => new InvalidOptionsError('iterator', faults));
  if (iterator.type === 'latest') return store.getLatestSeqNum();
  return store.getEvents({ iterator, limit: 1, batchSize: 1, longPollingTimeout: 0 }).pipe(
    map(({ events: [first], nextEventIterator: next }) => {
      if (first !== undefined) return first.seqNum - 1;
      return next.type === 'after_sequence_number' ? next.sequenceNumber : Math.max(0, sequenceOf(next) - 1);
    }),
    catchError((error) => {
      if (error instanceof DeserializationError && error.seqNum !== undefined) return of(error.seqNum - 1);
      throw error;
    }),
  );
}

/** Only a number beyond the tail stays what it is. */
const sequenceOf = (iterator: EventIterator): number =>
  'sequenceNumber' in iterator ? iterator.sequenceNumber : 1;
