import { defer, map, type Observable, of, switchMap, tap, zip } from 'rxjs';
import { CheckpointError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { showIterator, trimHorizon } from '../event/event-iterator.ts';
import { isFinal } from './is-final.ts';
import { positionOf } from './position-of.ts';
import { type RunContext, tryAgain } from './run-context.ts';

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
  const { store, watcherId, options, monitor, checkpoints } = context;

  const again = <T>(source: Observable<T>): Observable<T> =>
    source.pipe(
      tryAgain(context, (error) => {
        monitor.failed(error);
        return isFinal(error);
      }),
    );
  const initial = defer(() =>
    zip(positionOf(store, options.initialEventIterator), store.getLatestSeqNum()),
  ).pipe(
    map(([position, latest]) => {
      if (position <= latest) return position;
      const iterator = showIterator(options.initialEventIterator);
      store.logger?.warn(
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
  return (options.ephemeral ? initial : found).pipe(tap((seqNum) => monitor.began(seqNum)));
}
