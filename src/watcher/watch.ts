import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  merge,
  NEVER,
  type Observable,
  of,
  switchMap,
  take,
  tap,
  throwError,
  using,
} from 'rxjs';
import { NoHandlerError, StoreClosedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { createSignal } from '../flow/signal.ts';
import type { EventStore } from '../store/event-store.ts';
import { follow } from './follow.ts';
import type { Outcome } from './outcome.ts';
import { remember } from './remember.ts';
import type { Passed, RunContext, RunMonitor } from './run-context.ts';
import { startPosition } from './start-position.ts';
import { resolveWatchOptions, type WatchOptions } from './watch-options.ts';

const isOutcome = <E extends Event>(progress: Outcome<E> | Passed): progress is Outcome<E> =>
  progress.status !== 'passed';

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
    filter(isOutcome),
    catchError((error) => {
      if (error instanceof StoreClosedError) return EMPTY;
      throw error;
    }),
  );

/**
 * Runs a watcher until it is told to stop or the store is closed.
 *
 * @param stop$ - Emits, to late subscribers too, when it is to end behind the attempt in flight.
 */
export const runWatcher = <E extends Event>(
  context: Omit<RunContext<E>, 'ending'>,
  stop$: Observable<unknown>,
): Observable<Outcome<E>> =>
  defer(() => {
    const ending = createSignal();
    return using(
      () => merge(stop$, context.store.closed$ ?? NEVER).subscribe(() => ending.give()),
      () => pipeline({ ...context, ending }),
    );
  });

const unwatched: RunMonitor = {
  began() {},
  listening() {},
  read() {},
  attempting() {},
  retrying() {},
  settled() {},
  failed() {},
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
    const { handler, scheduler = store.scheduler ?? asyncScheduler } = resolved;
    if (handler === undefined) throw new NoHandlerError(watcherId);
    const context = { store, watcherId, options: resolved, handler, scheduler, monitor: unwatched };
    return runWatcher<E>({ ...context, isSuperseded: () => false }, NEVER);
  });
