import { catchError, defaultIfEmpty, defer, map, type Observable, of, switchMap, take } from 'rxjs';
import { DeserializationError, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventIterator, EventIteratorCodec } from '../event/event-iterator.ts';
import type { EventStore } from '../store/event-store.ts';
import { check } from '../validation/check.ts';

/** The number that an iterator names itself; 0 if it names none. */
const namedBy = (iterator: EventIterator): number => {
  if (iterator.type === 'after_sequence_number') return iterator.sequenceNumber;
  return iterator.type === 'at_sequence_number' ? Math.max(0, iterator.sequenceNumber - 1) : 0;
};

/**
 * Emits the number of the event after which an iterator begins now. A number past the end of the log stays as it is.
 *
 * @throws {@link SequenceTrimmedError} if the iterator names an event that is no longer held.
 * @throws {@link InvalidOptionsError} if it is not a valid iterator.
 */
export const positionOf = <E extends Event>(
  store: EventStore<E>,
  iterator: EventIterator,
): Observable<number> =>
  defer(() => {
    const place = check(
      EventIteratorCodec,
      iterator,
      (faults) => new InvalidOptionsError('iterator', faults),
    );
    return store.getLatestSeqNum().pipe(
      switchMap((latest) =>
        store.headers(place, { live: false, batchSize: 1 }).pipe(
          take(1),
          map(({ seqNum }) => seqNum - 1),
          catchError((error) => {
            if (error instanceof DeserializationError && error.seqNum !== undefined)
              return of(error.seqNum - 1);
            throw error;
          }),
          defaultIfEmpty(Math.max(latest, namedBy(place))),
        ),
      ),
    );
  });
