import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  NEVER,
  Observable,
  of,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { NoHandlerError, StoreClosedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { createSignal } from '../flow/signal.ts';
import { createValve, type Valve } from '../flow/valve.ts';
import { unmonitored } from '../handling/handling-monitor.ts';
import type { Outcome } from '../handling/outcome.ts';
import type { EventStore } from '../store/event-store.ts';
import { checkWatcherId } from './check-watcher-id.ts';
import { follow } from './follow.ts';
import { remember } from './remember.ts';
import type { RunContext, RunMonitor } from './run-context.ts';
import { startPosition } from './start-position.ts';
import {
  handlerOf,
  type ResolvedWatchOptions,
  resolveWatchOptions,
  type WatchOptions,
} from './watch-options.ts';

/** A store that is closed takes no checkpoint any more: there is nothing to wait for. */
const refuseClosed = ({ closed$ = NEVER }: Pick<EventStore, 'closed$'>): Observable<never> =>
  merge(closed$.pipe(switchMap(() => throwError(() => new StoreClosedError()))), of('open')).pipe(
    take(1),
    ignoreElements(),
  );

/** A watcher, from its start to its end: find the place, follow the log, handle, remember. */
const pipeline = <E extends Event>(context: RunContext<E>): Observable<Outcome<E>> =>
  startPosition(context).pipe(
    switchMap((from) => concat(follow(context, from), refuseClosed(context.store))),
    tap((progress) => context.monitor.passed(progress)),
    remember(context),
    map(({ outcome }) => outcome),
    filter((outcome) => outcome !== undefined),
    catchError((error) => {
      if (error instanceof StoreClosedError) return EMPTY;
      throw error;
    }),
  );

/** What a run is given; the rest it makes for itself. */
export type RunParts<E extends Event> = Omit<RunContext<E>, 'ending' | 'mayBegin' | 'turn' | 'giveUp'>;

/** Shuts the valve while the notifier says so. */
const obey = ({ pauseWhen }: Pick<ResolvedWatchOptions, 'pauseWhen'>, valve: Valve): Observable<never> =>
  pauseWhen === undefined
    ? EMPTY
    : pauseWhen.pipe(
        tap((isPaused) => (isPaused ? valve.shut('pauseWhen') : valve.open('pauseWhen'))),
        ignoreElements(),
      );

/**
 * Runs a watcher until it is told to stop or the store is closed.
 *
 * @param stop$ - Emits, to late subscribers too, when it is to end behind the attempts in flight.
 */
export const runWatcher = <E extends Event>(
  parts: RunParts<E>,
  stop$: Observable<unknown>,
): Observable<Outcome<E>> =>
  new Observable((subscriber) => {
    const ending = createSignal();
    // First of all when the subscriber goes: a place among the attempts in flight that becomes free is not taken then.
    subscriber.add(() => ending.give());
    const { store, valve, options, isEntitled } = parts;
    const context: RunContext<E> = {
      ...parts,
      ending,
      mayBegin: () => valve.isOpen && isEntitled(),
      // Who has lost the right hears of it at once: what would begin here is not waited for.
      turn: (attempt) =>
        concat(
          valve.opened$,
          defer(() => (isEntitled() ? attempt : NEVER)),
        ),
      giveUp: (skipped) => of(skipped),
    };
    const over$ = new Subject<void>();
    const run = pipeline(context).pipe(tap({ complete: () => over$.next() }));
    subscriber.add(merge(stop$, store.closed$ ?? NEVER).subscribe(() => ending.give()));
    merge(obey(options, valve).pipe(takeUntil(over$)), run).subscribe(subscriber);
  });

/** Nobody is told what a run does. */
export const unwatched: RunMonitor = {
  ...unmonitored,
  began() {},
  following() {},
  listening() {},
  read() {},
  passed() {},
  checkpointing() {},
  checkpointed() {},
};

/**
 * A whole watcher as one cold Observable: hands the events to the handler, one at a time and in order, at least once,
 * and emits what became of each.
 *
 * It goes on after its checkpoint; without one, from `initialEventIterator`. It reads a page, has it handled, and only
 * then reads on. Unsubscribing aborts the signal of the attempt in flight. It completes when the store closes.
 *
 * @param watcherId - Whose checkpoint it reads and writes.
 * @throws NoHandlerError, InvalidOptionsError, CheckpointError (beyond the log), SequenceTrimmedError.
 * @example
 * watch(store, 'mailer', { handler: (event) => send(event.object) }).subscribe(({ seqNum, status }) => log(seqNum, status));
 */
export const watch = <E extends Event>(
  store: EventStore<E>,
  watcherId: string,
  options: WatchOptions<E>,
): Observable<Outcome<E>> =>
  defer(() => {
    const resolved = resolveWatchOptions(options);
    checkWatcherId(watcherId);
    const { scheduler = store.scheduler ?? asyncScheduler } = resolved;
    const handler = handlerOf(resolved);
    if (handler === undefined) throw new NoHandlerError(watcherId);
    const parts = { store, watcherId, options: resolved, handler, scheduler, valve: createValve() };
    const alone = { isEntitled: () => true, isSuperseded: () => false };
    return runWatcher<E>({ ...parts, ...alone, monitor: unwatched }, NEVER);
  });
