import * as t from 'io-ts';
import {
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  Observable,
  of,
  type SchedulerLike,
  startWith,
  switchMap,
  takeUntil,
  throttleTime,
} from 'rxjs';
import { InvalidOptionsError, InvalidStateError, StoreClosedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { coalescedReads } from '../../scheduling/coalesced-reads.ts';
import { check } from '../../validation/check.ts';
import { wholeFrom } from '../../validation/types.ts';
import type { WatcherStats } from './watcher.ts';
import type { WatcherChange, WatcherContext } from './watcher-context.ts';

/** Minimum time between two emissions of statistics for changes other than changes of state, in milliseconds. */
const STATS_INTERVAL = 100;

/**
 * Emits the current statistics first. Then emits them after each change of state, and after other changes at most once per
 * `STATS_INTERVAL`.
 */
export const statsOf = ({
  stats,
  stateChanged$,
  changed$,
  scheduler,
}: {
  readonly stats: () => WatcherStats;
  readonly stateChanged$: Observable<void>;
  readonly changed$: Observable<WatcherChange>;
  readonly scheduler: SchedulerLike;
}): Observable<WatcherStats> =>
  defer(() => {
    const otherChanged$ = changed$.pipe(
      throttleTime(STATS_INTERVAL, scheduler, { leading: true, trailing: true }),
      // A throttle with a trailing value completes only at the end of its interval. `takeUntil` completes the Observable
      // immediately when the watcher is removed.
      takeUntil(changed$.pipe(ignoreElements(), endWith(undefined))),
    );
    return merge(stateChanged$, otherChanged$).pipe(startWith(undefined), map(stats));
  });

/** Emits whether the watcher is caught up: the current value first, then each change. */
export const caughtUpOf = <E extends Event>(context: WatcherContext<E>): Observable<boolean> =>
  defer(() => {
    const { store, progress, stateChanged$, changed$ } = context;
    /** Last known number of the newest event. */
    let latest = 0;
    const isCaughtUp: Observable<boolean> = defer(() => {
      // While a known event is not processed, the watcher is not caught up, and no read of the store is needed.
      if (!progress.hasProcessedUpTo(latest)) return of(false);
      return store.getLatestSeqNum().pipe(
        map((newest) => {
          latest = newest;
          return progress.hasProcessedUpTo(newest);
        }),
        catchError(() => EMPTY),
      );
    });
    const position$ = changed$.pipe(filter((change) => change === 'position'));
    const whileRunning = coalescedReads(merge(position$, of(undefined)), isCaughtUp);
    return stateChanged$.pipe(
      startWith(undefined),
      switchMap(() => (progress.state === 'running' ? whileRunning : of(false))),
      distinctUntilChanged(),
    );
  });

const Processed = t.type({ seqNum: wholeFrom(0) });

/** Emits the number of an event, and completes, when the event is handled, skipped or excluded by the filter. */
export const processedOf = <E extends Event>(
  { watcherId, store, options, progress, stateChanged$ }: WatcherContext<E>,
  seqNum: number,
): Observable<number> => {
  check(Processed, { seqNum }, (faults) => new InvalidOptionsError('arguments of whenProcessed', faults));
  // Before the first run, only the stored checkpoint shows the progress of earlier processes.
  const stored$ = defer(() =>
    progress.hasStarted || options.ephemeral ? EMPTY : store.getCheckpoint(watcherId),
  );
  return new Observable((subscriber) => {
    const fail = (error: unknown) => subscriber.error(error);
    const emitIf = (isProcessed: boolean): void => {
      if (!isProcessed) return;
      subscriber.next(seqNum);
      subscriber.complete();
    };
    const onProgress = () => emitIf(progress.isProcessed(seqNum));
    const onState = (): void => {
      onProgress();
      if (progress.state === 'failed') fail(progress.lastError);
    };
    const onRemoval = () => fail(new InvalidStateError(watcherId, `process event ${seqNum}`, 'removed'));
    subscriber.add(
      stored$.subscribe({ next: (checkpoint = -1) => emitIf(checkpoint >= seqNum), error: fail }),
    );
    onState();
    subscriber.add(progress.awaited.add(seqNum, onProgress));
    subscriber.add(stateChanged$.subscribe({ next: onState, complete: onRemoval }));
    subscriber.add(store.closed$.subscribe(() => fail(new StoreClosedError())));
  });
};
