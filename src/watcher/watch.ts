import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  merge,
  NEVER,
  Observable,
  of,
  type Subscription,
  switchMap,
  takeUntil,
  tap,
  throwError,
  using,
} from 'rxjs';
import { NoHandlerError, StoreClosedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { Outcome } from '../handling/outcome.ts';
import { Latch } from '../scheduling/latch.ts';
import { mergeUntilComplete } from '../scheduling/merge-until-complete.ts';
import { observableFrom } from '../scheduling/observable-from.ts';
import { PauseSwitch } from '../scheduling/pause-switch.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { CheckpointWriter } from './run/checkpoint-writer.ts';
import { pageLoop } from './run/page-loop.ts';
import { createProgressWriter } from './run/progress-writer.ts';
import { type RunContext, retryStoreFailure } from './run/run-context.ts';
import { startPosition } from './run/start-position.ts';
import { deadLettersAhead } from './run/store-dead-letter.ts';
import { underClaim } from './under-claim.ts';
import { checkWatcherId, handlerOf, resolveWatchOptions, type WatchOptions } from './watch-options.ts';
import { LoggingMonitor, WatcherLog } from './watcher-log.ts';

/** Keeps the process alive while a run is not paused, until the returned subscription is unsubscribed. */
const aliveWhileOpen = <E extends Event>({ isOpen$ }: PauseSwitch, store: EventStore<E>): Subscription =>
  isOpen$
    .pipe(
      switchMap((isOpen) =>
        isOpen
          ? using(
              () => store.internals.keepAlive(),
              () => NEVER,
            )
          : NEVER,
      ),
    )
    .subscribe();

/**
 * A watcher, from its start to its end: find the place, follow the log, handle, remember.
 *
 * Ten thousand events a page go through here: what need not stand in the way of each of them does not.
 */
const pipeline = <E extends Event>(context: RunContext<E>): Observable<Outcome<E>> => {
  const { progress, ending } = context;
  /** A run fails after its last checkpoint is stored, or has been tried once more: the next one goes on from there. */
  const lastWrites = progress.flushed.pipe(
    takeUntil(progress.failed$),
    catchError(() => EMPTY),
  );
  return startPosition(context).pipe(
    switchMap((position) =>
      deadLettersAhead(context, position).pipe(switchMap((letters) => pageLoop(context, position, letters))),
    ),
    takeUntil(progress.failed$),
    catchError((error) => {
      if (error instanceof StoreClosedError) return EMPTY;
      ending.set();
      return concat(
        lastWrites,
        throwError(() => error),
      );
    }),
    finalize(progress.writeNow),
  );
};

/** What a run is given; the rest it makes for itself. */
export type RunParts<E extends Event> = Omit<
  RunContext<E>,
  'ending' | 'mayBegin' | 'turn' | 'giveUp' | 'progress'
>;

/** Shuts the pauseSwitch while the notifier says so. One that errors is subscribed to again: its last value counts meanwhile. */
const obeying = <E extends Event>(
  run: Observable<Outcome<E>>,
  context: Omit<RunContext<E>, 'progress'>,
): Observable<Outcome<E>> => {
  const { options, pauseSwitch, listener } = context;
  if (options.pauseWhen === undefined) return run;
  const pauses = observableFrom(options.pauseWhen).pipe(
    tap((isPaused) => (isPaused ? pauseSwitch.pause('pauseWhen') : pauseSwitch.resume('pauseWhen'))),
    retryStoreFailure(context, (error) => {
      listener.failed(error);
      return false;
    }),
    ignoreElements(),
  );
  return mergeUntilComplete(pauses, run);
};

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
    const ending = new Latch();
    // First of all when the subscriber goes: a place among the attempts in flight that becomes free is not taken then.
    subscriber.add(() => ending.set());
    const { store, pauseSwitch, isEntitled, entitled$ } = parts;
    const mayBegin = () => pauseSwitch.isOpen && isEntitled();
    /** Completes when an attempt may begin; while one condition is waited for, another may cease to hold. */
    const allowed$: Observable<never> = defer(() =>
      mayBegin() ? EMPTY : concat(pauseSwitch.resumed$, entitled$, allowed$),
    );
    // What is added stands first: behind a spread, V8 gives each object a shape of its own (decision 17).
    const context: Omit<RunContext<E>, 'progress'> = {
      ending,
      mayBegin,
      turn: (attempt) => concat(allowed$, attempt),
      giveUp: (skipped) => of(skipped),
      ...parts,
    };
    subscriber.add(aliveWhileOpen(pauseSwitch, store));
    subscriber.add(merge(stop$, store.closed$).subscribe(() => ending.set()));
    const finish = (error?: unknown) => parts.listener.finished(error);
    subscriber.add(() => finish());
    const run = defer(() => pipeline({ progress: createProgressWriter(context), ...context }));
    obeying(underClaim(context, run), context)
      // Before the end is told: it may lead to the next run.
      .pipe(tap({ error: finish, complete: finish }))
      .subscribe(subscriber);
  });

/**
 * A whole watcher as one cold Observable: hands the events to the handler, one at a time and in order, at least once,
 * and emits what became of each.
 *
 * It goes on after its checkpoint; without one, from `initialEventIterator`. It reads a page, has it handled, and only
 * then reads on. Unsubscribing aborts the signal of the attempt in flight. It completes when the store closes.
 *
 * @param watcherId - Whose checkpoint it reads and writes.
 * @throws NoHandlerError, InvalidOptionsError, CheckpointError (beyond the log), SequenceTrimmedError.
 * @throws {@link WatcherAlreadyRunningError} if a watcher of this id, not ephemeral, runs on this store object already. Store
 *   objects on one file or stream share no claims: use a lease there.
 * @example
 * watch(store, 'mailer', { handler: (event) => send(event.object) }).subscribe(({ seqNum, status }) => log(seqNum, status));
 */
export const watch = <E extends Event>(
  store: EventStore<E>,
  watcherId: string,
  options: WatchOptions<E>,
): Observable<Outcome<E>> =>
  defer(() => {
    requireStore('store', store, 'getEvents', 'getCheckpoint');
    const resolved = resolveWatchOptions(options);
    checkWatcherId(watcherId);
    const { scheduler = store.internals.scheduler } = resolved;
    const handler = handlerOf(resolved);
    if (handler === undefined) throw new NoHandlerError(watcherId);
    const parts = { store, watcherId, options: resolved, handler, scheduler, pauseSwitch: new PauseSwitch() };
    const alone = {
      isEntitled: () => true,
      entitled$: EMPTY,
      isSuperseded: () => false,
      checkpoints: new CheckpointWriter(),
      cutOff: new Map(),
    };
    const listener = new LoggingMonitor(
      new WatcherLog(watcherId, store.internals.logger, () => scheduler.now()),
    );
    return runWatcher<E>({ listener, ...alone, ...parts }, NEVER);
  });
