import {
  asyncScheduler,
  catchError,
  defer,
  EMPTY,
  filter,
  NEVER,
  type Observable,
  switchMap,
  tap,
} from 'rxjs';
import { NoHandlerError, StoreClosedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { saveProgress } from '../operators/save-progress.ts';
import type { EventStore } from '../store/event-store.ts';
import { follow } from './follow.ts';
import { isFinal } from './is-final.ts';
import type { Outcome } from './outcome.ts';
import { type Passed, type RunContext, type RunControl, type RunMonitor, tryAgain } from './run-context.ts';
import { startPosition } from './start-position.ts';
import { resolveWatchOptions, type WatchOptions } from './watch-options.ts';

/** Stores one checkpoint; what fails is tried again. */
const storeCheckpoint = <E extends Event>(context: RunContext<E>, seqNum: number): Observable<void> =>
  defer(() =>
    context.control.isSuperseded ? EMPTY : context.store.storeCheckpoint(context.watcherId, seqNum),
  ).pipe(
    tap(() => context.monitor.checkpointed(seqNum)),
    tryAgain<void>(context, (error) => {
      context.monitor.failed(error);
      return isFinal(error);
    }),
  );

const isOutcome = <E extends Event>(progress: Outcome<E> | Passed): progress is Outcome<E> =>
  progress.status !== 'passed';

/** A watcher, from its start to its end: find the place, follow the log, handle, remember. */
export function runWatcher<E extends Event>(context: RunContext<E>): Observable<Outcome<E>> {
  const { options, monitor } = context;
  const remembers = !options.ephemeral && options.checkpoint === 'auto';
  const remember = saveProgress<Outcome<E> | Passed>((seqNum) => storeCheckpoint(context, seqNum));

  return startPosition(context).pipe(
    switchMap((from) => follow(context, from)),
    tap((progress) => monitor.passed(progress)),
    remembers ? remember : (progress) => progress,
    filter(isOutcome),
    catchError((error) => {
      if (error instanceof StoreClosedError) return EMPTY;
      throw error;
    }),
  );
}

const unwatched: RunMonitor = {
  began() {},
  listening() {},
  read() {},
  attempting() {},
  settled() {},
  failed() {},
  passed() {},
  checkpointed() {},
};

const unstoppable: RunControl = { stop$: NEVER, isStopping: false, isSuperseded: false };

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
    return runWatcher<E>({
      store,
      watcherId,
      options: resolved,
      handler,
      scheduler,
      control: unstoppable,
      monitor: unwatched,
    });
  });
