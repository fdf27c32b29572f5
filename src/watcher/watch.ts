import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  NEVER,
  Observable,
  Subscription,
  takeUntil,
  tap,
  type Unsubscribable,
} from 'rxjs';
import { NoHandlerError, StoreClosedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { Outcome } from '../handling/outcome.ts';
import { continueWith } from '../scheduling/continue-with.ts';
import { Latch } from '../scheduling/latch.ts';
import { mergeUntilComplete } from '../scheduling/merge-until-complete.ts';
import { observableFrom } from '../scheduling/observable-from.ts';
import { PauseSwitch } from '../scheduling/pause-switch.ts';
import { subscribeCancellable } from '../scheduling/subscribe-cancellable.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { warnOfLease } from './lease/warn-of-lease.ts';
import { CheckpointWriter } from './run/checkpoint-writer.ts';
import { pageLoop } from './run/page-loop.ts';
import { createProgressWriter } from './run/progress-writer.ts';
import { type ProgressWriter, type RunContext, type RunParts, retryStoreFailure } from './run/run-context.ts';
import { startPosition } from './run/start-position.ts';
import { deadLettersAfter } from './run/store-dead-letter.ts';
import {
  assertSupported,
  checkWatcherId,
  handlerOf,
  resolveWatchOptions,
  type WatchOptions,
} from './watch-options.ts';
import { LoggingListener, WatcherLog } from './watcher-log.ts';

/** Keeps the process alive while the run is not paused, until the returned subscription is unsubscribed. */
const keepAliveUnlessPaused = <E extends Event>(
  { isOpen$ }: PauseSwitch,
  store: EventStore<E>,
): Subscription => {
  let held: Unsubscribable = Subscription.EMPTY;
  const release = () => held.unsubscribe();
  const hold = isOpen$.subscribe((isOpen) => {
    if (isOpen) held = store.internals.keepAlive();
    else release();
  });
  hold.add(release);
  return hold;
};

/**
 * Creates the context of a run. It consists of the parts that the caller provides and of parts that belong to this run
 * alone: its end, its progress writer and the conditions for attempts.
 */
const createRunContext = <E extends Event>(parts: RunParts<E>, ending: Latch): RunContext<E> => {
  const { pauseSwitch, isReady, ready$ } = parts;
  const mayBegin = () => pauseSwitch.isOpen && isReady();
  /**
   * Completes when an attempt may begin: the watcher is not paused, and it is ready. The end of the pause is awaited first. A
   * new pause can begin during the wait for `ready$`, so both conditions are checked again afterwards.
   */
  const allowed$: Observable<never> = defer(() =>
    mayBegin() ? EMPTY : concat(pauseSwitch.resumed$, ready$, allowed$),
  );
  return {
    // The new properties are before the spread, because V8 would give each object with properties after a spread a separate
    // shape (decision 17).
    ending,
    progressWriter: createProgressWriter(parts, ending),
    mayBegin,
    turn: (attempt) => concat(allowed$, attempt),
    ...parts,
  };
};

/** Resolves the start position, and runs the page loop from there until the run ends. */
const runPages = <E extends Event>(context: RunContext<E>): Observable<Outcome<E>> =>
  continueWith(startPosition(context), (position) =>
    continueWith(deadLettersAfter(context, position), (deadLetters) =>
      pageLoop(context, position, deadLetters),
    ),
  );

/**
 * Completes when the last checkpoint of the run is stored, or cannot be stored. The next run starts only after that, so that
 * it reads this checkpoint.
 */
const lastWrites = ({ flushed, failed$ }: ProgressWriter): Observable<never> =>
  flushed.pipe(
    takeUntil(failed$),
    catchError(() => EMPTY),
  );

/**
 * Subscribes to `run`, and pauses it while the last value of `pauseWhen` is `true`. If `pauseWhen` errors, it is subscribed
 * to again after a delay. Until then, its last value stays in effect.
 */
const withPauseWhen = <E extends Event>(
  context: RunContext<E>,
  run: Observable<Outcome<E>>,
): Observable<Outcome<E>> => {
  const { options, pauseSwitch } = context;
  if (options.pauseWhen === undefined) return run;
  const pauses = observableFrom(options.pauseWhen).pipe(
    tap((isPaused) => (isPaused ? pauseSwitch.pause('pauseWhen') : pauseSwitch.resume('pauseWhen'))),
    retryStoreFailure(context, () => false),
    ignoreElements(),
  );
  return mergeUntilComplete(pauses, run);
};

/**
 * Runs a watcher until `stop$` emits or the store is closed.
 *
 * The run subscribes to its parts without operators, because each idle watcher would keep these operators in memory.
 *
 * @param stop$ - Emits when the run must end after the attempts in flight. It must replay its value to late subscribers.
 */
export const runWatcher = <E extends Event>(
  parts: RunParts<E>,
  stop$: Observable<unknown>,
): Observable<Outcome<E>> =>
  new Observable((subscriber) => {
    const ending = new Latch();
    // Add this teardown before all others. At an unsubscription, `ending` must be set before the attempt in flight is
    // aborted. Otherwise, the end of that attempt would start an attempt that waits for its turn.
    const end = () => ending.set();
    subscriber.add(end);
    const { store, watcherId, options, pauseSwitch, listener, checkpoints } = parts;
    const context = createRunContext(parts, ending);
    const { progressWriter } = context;
    subscriber.add(keepAliveUnlessPaused(pauseSwitch, store));
    for (const end$ of [stop$, store.closed$]) subscriber.add(end$.subscribe(end));
    subscriber.add(() => listener.finished());
    let run: Subscription | undefined;
    let claim: Unsubscribable | undefined;
    // Release the claim and notify the listener before the end is emitted: a subscriber that receives the end may start the
    // next run.
    const finish = (emitEnd: () => void, error?: unknown): void => {
      claim?.unsubscribe();
      listener.finished(error);
      emitEnd();
    };
    const complete = (): void => finish(() => subscriber.complete());
    const fail = (error: unknown): void => {
      if (error instanceof StoreClosedError) {
        complete();
        return;
      }
      end();
      run?.unsubscribe();
      const report = () => finish(() => subscriber.error(error), error);
      subscriber.add(lastWrites(progressWriter).subscribe({ complete: report }));
    };
    const pages = defer(() => {
      // An ephemeral watcher claims nothing: it has no checkpoint that another watcher could move.
      if (!options.ephemeral) claim = store.internals.claim(watcherId, checkpoints);
      subscriber.add(claim);
      return runPages(context);
    });
    const next = (outcome: Outcome<E>) => subscriber.next(outcome);
    subscribeCancellable(withPauseWhen(context, pages), { next, error: fail, complete }, (subscription) => {
      run = subscription;
      subscriber.add(run);
      subscriber.add(progressWriter.failed$.subscribe({ error: fail }));
      subscriber.add(() => progressWriter.writeNow());
    });
  });

/**
 * Returns a cold Observable that runs a watcher. The watcher delivers each event at least once, by default in order and one
 * at a time. The Observable emits the outcome of each event.
 *
 * The watcher continues after its checkpoint; without one, it starts at `initialEventIterator`. It reads a page, handles
 * its events, and then reads the next page. Unsubscribing aborts the signal of the attempt in flight. The Observable
 * completes when the store is closed.
 *
 * @param watcherId - Id under which the checkpoint is stored.
 * @throws {@link NoHandlerError} if the options have no handler of any kind.
 * @throws {@link InvalidOptionsError} if an option or the id is not valid.
 * @throws {@link InvalidOptionsError} if there is a `transactionHandler` and the engine has no transactions.
 * @throws {@link CheckpointError} if the checkpoint is after the end of the log.
 * @throws {@link SequenceTrimmedError} if `initialEventIterator` names, by number, an event that was trimmed.
 * @throws {@link WatcherAlreadyRunningError} if another watcher of this id runs on this store object; ephemeral watchers
 *   are exempt. Two store objects on the same file or stream do not detect each other's watchers, so use a lease there.
 * @see {@link createManager} for watchers that can be paused, stopped and moved.
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
    assertSupported(store, resolved);
    const { scheduler = store.internals.scheduler } = resolved;
    const handler = handlerOf(resolved);
    if (handler === undefined) {
      throw new NoHandlerError(
        watcherId,
        'pass handler, batchHandler or transactionHandler in the options of watch',
      );
    }
    const log = new WatcherLog(watcherId, store.internals.logger, resolved, () => scheduler.now());
    const parts: RunParts<E> = {
      store,
      watcherId,
      options: resolved,
      handler,
      scheduler,
      pauseSwitch: new PauseSwitch(),
      isReady: () => true,
      ready$: EMPTY,
      checkpoints: new CheckpointWriter(),
      isSuperseded: () => false,
      cutOff: new Map(),
      listener: new LoggingListener(log),
    };
    return warnOfLease({ store, watcherId, options: resolved, log }, runWatcher(parts, NEVER));
  });
