import {
  asyncScheduler,
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
import { Signal } from '../scheduling/latch.ts';
import { beside } from '../scheduling/merge-until-complete.ts';
import { observableFrom } from '../scheduling/observable-from.ts';
import { Valve } from '../scheduling/pause-switch.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { CheckpointWriter } from './run/checkpoint-writer.ts';
import { follow } from './run/page-loop.ts';
import { createMemory } from './run/progress-writer.ts';
import { type RunContext, tryAgain } from './run/run-context.ts';
import { startPosition } from './run/start-position.ts';
import { lettersAhead } from './run/store-dead-letter.ts';
import { underClaim } from './under-claim.ts';
import { checkWatcherId, handlerOf, resolveWatchOptions, type WatchOptions } from './watch-options.ts';
import { LoggingMonitor, WatcherLog } from './watcher-log.ts';

/** Keeps the process alive while a run is not paused, until the returned subscription is unsubscribed. */
const aliveWhileOpen = <E extends Event>({ isOpen$ }: Valve, store: EventStore<E>): Subscription =>
  isOpen$
    .pipe(
      switchMap((isOpen) =>
        isOpen
          ? using(
              () => store.keepAlive?.(),
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
  const { memory, ending } = context;
  /** A run fails after its last checkpoint is stored, or has been tried once more: the next one goes on from there. */
  const lastWrites = memory.flushed.pipe(
    takeUntil(memory.failed$),
    catchError(() => EMPTY),
  );
  return startPosition(context).pipe(
    switchMap((position) =>
      lettersAhead(context, position).pipe(switchMap((letters) => follow(context, position, letters))),
    ),
    takeUntil(memory.failed$),
    catchError((error) => {
      if (error instanceof StoreClosedError) return EMPTY;
      ending.give();
      return concat(
        lastWrites,
        throwError(() => error),
      );
    }),
    finalize(memory.writeNow),
  );
};

/** What a run is given; the rest it makes for itself. */
export type RunParts<E extends Event> = Omit<
  RunContext<E>,
  'ending' | 'mayBegin' | 'turn' | 'giveUp' | 'memory'
>;

/** Shuts the valve while the notifier says so. One that errors is subscribed to again: its last value counts meanwhile. */
const obeying = <E extends Event>(
  run: Observable<Outcome<E>>,
  context: Omit<RunContext<E>, 'memory'>,
): Observable<Outcome<E>> => {
  const { options, valve, monitor } = context;
  if (options.pauseWhen === undefined) return run;
  const pauses = observableFrom(options.pauseWhen).pipe(
    tap((isPaused) => (isPaused ? valve.shut('pauseWhen') : valve.open('pauseWhen'))),
    tryAgain(context, (error) => {
      monitor.failed(error);
      return false;
    }),
    ignoreElements(),
  );
  return beside(pauses, run);
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
    const ending = new Signal();
    // First of all when the subscriber goes: a place among the attempts in flight that becomes free is not taken then.
    subscriber.add(() => ending.give());
    const { store, valve, isEntitled, entitled$ } = parts;
    const mayBegin = () => valve.isOpen && isEntitled();
    /** Completes when an attempt may begin; while one condition is waited for, another may cease to hold. */
    const allowed$: Observable<never> = defer(() =>
      mayBegin() ? EMPTY : concat(valve.opened$, entitled$, allowed$),
    );
    // What is added stands first: behind a spread, V8 gives each object a shape of its own (decision 17).
    const context: Omit<RunContext<E>, 'memory'> = {
      ending,
      mayBegin,
      turn: (attempt) => concat(allowed$, attempt),
      giveUp: (skipped) => of(skipped),
      ...parts,
    };
    subscriber.add(aliveWhileOpen(valve, store));
    subscriber.add(merge(stop$, store.closed$ ?? NEVER).subscribe(() => ending.give()));
    const finish = (error?: unknown) => parts.monitor.finished(error);
    subscriber.add(() => finish());
    const run = defer(() => pipeline({ memory: createMemory(context), ...context }));
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
    const { scheduler = store.scheduler ?? asyncScheduler } = resolved;
    const handler = handlerOf(resolved);
    if (handler === undefined) throw new NoHandlerError(watcherId);
    const parts = { store, watcherId, options: resolved, handler, scheduler, valve: new Valve() };
    const alone = {
      isEntitled: () => true,
      entitled$: EMPTY,
      isSuperseded: () => false,
      checkpoints: new CheckpointWriter(),
      cutOff: new Map(),
    };
    const monitor = new LoggingMonitor(new WatcherLog(watcherId, store.logger, () => scheduler.now()));
    return runWatcher<E>({ monitor, ...alone, ...parts }, NEVER);
  });
