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
  type SchedulerLike,
  startWith,
  switchMap,
  takeUntil,
  throttleTime,
  throwError,
} from 'rxjs';
import { InvalidOptionsError, InvalidStateError, StoreClosedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import type { EventStore } from '../../store/event-store.ts';
import { check } from '../../validation/check.ts';
import { wholeFrom } from '../../validation/types.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import type { WatcherStats } from './watcher.ts';
import type { WatcherProgress } from './watcher-progress.ts';

/** What changed of a watcher: its state, how far it has come, or something that is only counted. */
export type Change = 'state' | 'place' | 'count';

/** What there is to look at. */
export interface Viewed<E extends Event> {
  /** The watcher. */
  readonly id: string;
  /** Where events are. */
  readonly store: EventStore<E>;
  /** Whether it keeps a checkpoint. */
  readonly options: Pick<ResolvedWatchOptions<E>, 'ephemeral'>;
  /** What is known of the watcher. */
  readonly record: WatcherProgress<E>;
  /** Tells of each change; completes when the watcher is removed. */
  readonly changed$: Observable<Change>;
  /** Tells what becomes of each event. */
  readonly outcomes$: Observable<Outcome<E>>;
  /** What breaks run on. */
  readonly scheduler: SchedulerLike;
}

/** No more than one in this time, in milliseconds, is made of changes that are not changes of state. */
const STATS_INTERVAL = 100;

/** The stats, the present ones first. A change of state is told at once; what else changes, every now and then. */
export const statsOf = <E extends Event>({
  record,
  changed$,
  scheduler,
}: Viewed<E>): Observable<WatcherStats> =>
  defer(() => {
    const entered$ = changed$.pipe(filter((change) => change === 'state'));
    const rest$ = changed$.pipe(
      filter((change) => change !== 'state'),
      throttleTime(STATS_INTERVAL, scheduler, { leading: true, trailing: true }),
      // It would keep the end waiting for the end of its interval.
      takeUntil(changed$.pipe(ignoreElements(), endWith(undefined))),
    );
    return merge(entered$, rest$).pipe(
      startWith(undefined),
      map(() => record.stats()),
    );
  });

/** Whether everything that is stored was passed, at this moment, by a watcher that runs. */
const isCaughtUp = <E extends Event>({ store, record }: Viewed<E>): Observable<boolean> =>
  record.state === 'running'
    ? store.getLatestSeqNum().pipe(
        map((latest) => record.hasBegun && record.passedThrough >= latest),
        catchError(() => EMPTY),
      )
    : of(false);

/** Whether it is at the tail: the present answer first, and then each time that it is another. */
export const caughtUpOf = <E extends Event>(viewed: Viewed<E>): Observable<boolean> =>
  viewed.changed$.pipe(
    filter((change) => change !== 'count'),
    startWith(undefined),
    switchMap(() => isCaughtUp(viewed)),
    distinctUntilChanged(),
  );

const Processed = t.type({ seqNum: wholeFrom(0) });

const throwClosed = (): never => {
  throw new StoreClosedError();
};

/** Emits the number of an event, and completes, once the event was handled, skipped or excluded by the filter. */
export const processedOf = <E extends Event>(
  { id, store, options, record, changed$, outcomes$ }: Viewed<E>,
  seqNum: number,
): Observable<number> => {
  check(Processed, { seqNum }, (faults) => new InvalidOptionsError('arguments of whenProcessed', faults));
  const isPassed = (): boolean => {
    if (record.isDone(seqNum)) return true;
    if (record.state === 'failed') throw record.lastError;
    return false;
  };
  const removed = throwError(() => new InvalidStateError(id, `process event ${seqNum}`, 'removed'));
  const passed$ = concat(changed$.pipe(startWith(undefined), map(isPassed)), removed);
  const done$ = outcomes$.pipe(map((outcome) => outcome.seqNum === seqNum));
  const closed$ = store.closed$.pipe(map(() => throwClosed()));
  // Before the first run, the checkpoint tells what earlier ones have passed.
  const stored$ = defer(() =>
    record.hasBegun || options.ephemeral ? of(undefined) : store.getCheckpoint(id),
  ).pipe(map((checkpoint) => checkpoint !== undefined && checkpoint >= seqNum));
  return merge(stored$, passed$, done$, closed$).pipe(
    first((isDone) => isDone),
    map(() => seqNum),
  );
};
