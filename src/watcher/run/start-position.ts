import { catchError, defaultIfEmpty, defer, map, type Observable, of, switchMap, take, tap, zip } from 'rxjs';
import { CheckpointError, DeserializationError, InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import {
  type EventIterator,
  EventIteratorCodec,
  formatIterator,
  seqNumBefore,
  trimHorizon,
} from '../../event/event-iterator.ts';
import type { EventStore } from '../../store/event-store.ts';
import { check } from '../../validation/check.ts';
import { type RunContext, retryStoreFailure } from './run-context.ts';

/**
 * Emits the number of the event after which a read from an iterator starts now. A number after the end of the log is emitted
 * unchanged.
 *
 * @throws {@link SequenceTrimmedError} if the iterator names an event that was trimmed.
 * @throws {@link InvalidOptionsError} if the iterator is not valid.
 */
export const positionOf = <E extends Event>(
  store: EventStore<E>,
  iterator: EventIterator,
): Observable<number> =>
  defer(() => {
    const checked = check(
      EventIteratorCodec,
      iterator,
      (faults) => new InvalidOptionsError('iterator', faults),
    );
    return store.getLatestSeqNum().pipe(
      switchMap((latest) =>
        store.headers(checked, { live: false, batchSize: 1 }).pipe(
          take(1),
          map(({ seqNum }) => seqNum - 1),
          catchError((error) => {
            if (error instanceof DeserializationError && error.seqNum !== undefined)
              return of(error.seqNum - 1);
            throw error;
          }),
          defaultIfEmpty(Math.max(latest, seqNumBefore(checked))),
        ),
      ),
    );
  });

/**
 * Emits the number of the event after which a run starts: the checkpoint, or the position of `initialEventIterator` if there
 * is no checkpoint.
 *
 * Unless the watcher is ephemeral, the position of `initialEventIterator` is stored as the first checkpoint before the run
 * starts. A restart, another process and garbage collection can then read this checkpoint, even if no event was handled.
 * Reads and writes that fail are retried.
 *
 * @throws {@link CheckpointError} if the checkpoint is after the end of the log.
 * @throws {@link SequenceTrimmedError} if `initialEventIterator` names, by number, an event that was trimmed.
 */
export function startPosition<E extends Event>(context: RunContext<E>): Observable<number> {
  const { store, watcherId, options, listener, checkpoints } = context;

  const initial = defer(() =>
    zip(positionOf(store, options.initialEventIterator), store.getLatestSeqNum()),
  ).pipe(
    map(([position, latest]) => {
      if (position <= latest) return position;
      const iterator = formatIterator(options.initialEventIterator);
      store.internals.logger?.warn(
        `watcher '${watcherId}' starts after event ${latest}, the end of the log: its initialEventIterator is ${iterator}`,
      );
      return latest;
    }),
    retryStoreFailure(context),
  );
  /** Stores the position. Retries store the same position, although the log may have grown. */
  const write = (position: number): Observable<unknown> =>
    checkpoints
      .enqueue(() => checkpoints.moveTo(position, () => store.storeCheckpoint(watcherId, position)))
      .pipe(retryStoreFailure(context));
  /**
   * Stores the initial position as the first checkpoint. If events after this position were trimmed before the checkpoint
   * protected them, computes the position again and stores the new one.
   */
  const storeInitial: Observable<number> = initial.pipe(
    switchMap((position) =>
      write(position).pipe(
        switchMap(() => positionOf(store, trimHorizon()).pipe(retryStoreFailure(context))),
        switchMap((oldest) => (oldest > position ? storeInitial : of(position))),
      ),
    ),
  );
  const unlessPartitioned = defer(() => store.internals.isPartitioned(watcherId)).pipe(
    retryStoreFailure(context),
    switchMap((isPartitioned) => {
      if (!isPartitioned) return storeInitial;
      throw new CheckpointError(
        watcherId,
        `must belong to a watcher without partitions; found checkpoints of partitions; pass the option partitions, ` +
          `or call store.deleteCheckpoint('${watcherId}') to start without them`,
      );
    }),
  );
  const stored = checkpoints
    .enqueue(() => zip(store.getCheckpoint(watcherId), store.getLatestSeqNum()))
    .pipe(
      retryStoreFailure(context),
      switchMap(([checkpoint, latest]) => {
        if (checkpoint === undefined) return unlessPartitioned;
        if (checkpoint <= latest) return of(checkpoint);
        throw new CheckpointError(
          watcherId,
          `must be at most the last event of the log, ${latest}; received ${checkpoint}; use seek to move it`,
        );
      }),
    );
  const loaded = stored.pipe(tap((seqNum) => checkpoints.load(seqNum)));
  return (options.ephemeral ? initial : loaded).pipe(tap((seqNum) => listener.started(seqNum)));
}
