import * as t from 'io-ts';
import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  first,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  startWith,
  switchMap,
  takeUntil,
  throttleTime,
  throwError,
} from 'rxjs';
import { InvalidOptionsError, InvalidStateError, StoreClosedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { check } from '../../validation/check.ts';
import { wholeFrom } from '../../validation/types.ts';
import type { WatcherStats } from './watcher.ts';
import type { WatcherContext } from './watcher-context.ts';

/** Minimum time between two emissions of statistics for changes other than changes of state, in milliseconds. */
const STATS_INTERVAL = 100;

/** Emits the current statistics, after each change of state, and at most every `STATS_INTERVAL` after other changes. */
export const statsOf = <E extends Event>({
  progress,
  changed$,
  scheduler,
}: WatcherContext<E>): Observable<WatcherStats> =>
  defer(() => {
    const stateChanged$ = changed$.pipe(filter((change) => change === 'state'));
    const otherChanged$ = changed$.pipe(
      filter((change) => change !== 'state'),
      throttleTime(STATS_INTERVAL, scheduler, { leading: true, trailing: true }),
      // A throttle with a trailing value completes only at the end of its interval. `takeUntil` completes it immediately
      // when the watcher is removed.
      takeUntil(changed$.pipe(ignoreElements(), endWith(undefined))),
    );
    return merge(stateChanged$, otherChanged$).pipe(
      startWith(undefined),
      map(() => progress.stats()),
    );
  });

/** Emits whether the watcher is running and has processed every event that is stored now. */
const isCaughtUp = <E extends Event>({ store, progress }: WatcherContext<E>): Observable<boolean> =>
  progress.state === 'running'
    ? store.getLatestSeqNum().pipe(
        map((latest) => progress.hasStarted && progress.ackFloor >= latest),
        catchError(() => EMPTY),
      )
    : of(false);

/** Emits whether the watcher is caught up: the current value first, then each change. */
export const caughtUpOf = <E extends Event>(context: WatcherContext<E>): Observable<boolean> =>
  context.changed$.pipe(
    filter((change) => change !== 'count'),
    startWith(undefined),
    switchMap(() => isCaughtUp(context)),
    distinctUntilChanged(),
  );

const Processed = t.type({ seqNum: wholeFrom(0) });

const throwClosed = (): never => {
  throw new StoreClosedError();
};

/** Emits the number of an event, and completes, when the event is handled, skipped or excluded by the filter. */
export const processedOf = <E extends Event>(
  { watcherId, store, options, progress, changed$, outcomes$ }: WatcherContext<E>,
  seqNum: number,
): Observable<number> => {
  check(Processed, { seqNum }, (faults) => new InvalidOptionsError('arguments of whenProcessed', faults));
  const isProcessed = (): boolean => {
    if (progress.isProcessed(seqNum)) return true;
    if (progress.state === 'failed') throw progress.lastError;
    return false;
  };
  const removed = throwError(() => new InvalidStateError(watcherId, `process event ${seqNum}`, 'removed'));
  const processed$ = concat(changed$.pipe(startWith(undefined), map(isProcessed)), removed);
  const settled$ = outcomes$.pipe(map((outcome) => outcome.seqNum === seqNum));
  const closed$ = store.closed$.pipe(map(() => throwClosed()));
  // Before the first run, only the stored checkpoint shows the progress of earlier processes.
  const stored$ = defer(() =>
    progress.hasStarted || options.ephemeral ? of(undefined) : store.getCheckpoint(watcherId),
  ).pipe(map((checkpoint) => checkpoint !== undefined && checkpoint >= seqNum));
  return merge(stored$, processed$, settled$, closed$).pipe(
    first((isDone) => isDone),
    map(() => seqNum),
  );
};
