import { catchError, defaultIfEmpty, defer, map, type Observable, of, switchMap, take, tap, zip } from 'rxjs';
import { CheckpointError, DeserializationError, InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import {
  type EventIterator,
  EventIteratorCodec,
  formatIterator,
  trimHorizon,
} from '../../event/event-iterator.ts';
import type { EventStore } from '../../store/event-store.ts';
import { check } from '../../validation/check.ts';
import { isFinal, type RunContext, retryStoreFailure } from './run-context.ts';

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

/**
 * Emits the number of the event after which a run begins: the checkpoint; without one, where the options say.
 *
 * A watcher that keeps a checkpoint stores that position before it begins: a restart, another process and garbage
 * collection find it there, even if no event is handled. Reads and writes that fail are tried again.
 *
 * @throws {@link CheckpointError} if the checkpoint lies beyond the log.
 * @throws {@link SequenceTrimmedError} if the options name, by number, an event that is no longer held.
 */
export function startPosition<E extends Event>(context: RunContext<E>): Observable<number> {
  const { store, watcherId, options, listener, checkpoints } = context;

  const again = <T>(source: Observable<T>): Observable<T> =>
    source.pipe(
      retryStoreFailure(context, (error) => {
        listener.failed(error);
        return isFinal(error);
      }),
    );
  const initial = defer(() =>
    zip(positionOf(store, options.initialEventIterator), store.getLatestSeqNum()),
  ).pipe(
    map(([position, latest]) => {
      if (position <= latest) return position;
      const iterator = formatIterator(options.initialEventIterator);
      store.internals.logger?.warn(
        `watcher '${watcherId}' was to begin at ${iterator}; the log ends at ${latest}: it begins there`,
      );
      return latest;
    }),
    again,
  );
  /** Tried again with the same position: the end of the log moves on meanwhile. */
  const write = (position: number): Observable<unknown> =>
    again(
      checkpoints.inTurn(() =>
        checkpoints.moving(position, () => store.storeCheckpoint(watcherId, position)),
      ),
    );
  /** Stores the position; a later one, if its events were trimmed before the checkpoint protected them. */
  const storeInitial: Observable<number> = initial.pipe(
    switchMap((position) =>
      write(position).pipe(
        switchMap(() => again(positionOf(store, trimHorizon()))),
        switchMap((oldest) => (oldest > position ? storeInitial : of(position))),
      ),
    ),
  );
  const found = again(
    checkpoints.inTurn(() => zip(store.getCheckpoint(watcherId), store.getLatestSeqNum())),
  ).pipe(
    switchMap(([checkpoint, latest]) => {
      if (checkpoint === undefined) return storeInitial;
      if (checkpoint <= latest) return of(checkpoint);
      throw new CheckpointError(watcherId, `${checkpoint} lies beyond the log, which ends at ${latest}`);
    }),
  );
  return (options.ephemeral ? initial : found).pipe(tap((seqNum) => listener.began(seqNum)));
}
