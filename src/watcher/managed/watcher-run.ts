import { concat, defer, EMPTY, ignoreElements, merge, take, using } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { AnyHandler } from '../../handling/handler.ts';
import type { InFlight } from '../../handling/handling-context.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { afterThisCall } from '../../scheduling/event-loop-turn.ts';
import { Latch } from '../../scheduling/latch.ts';
import { PauseSwitch } from '../../scheduling/pause-switch.ts';
import type { OwnershipGrant } from '../lease/ownership.ts';
import type { ProgressTracker } from '../run/progress-tracker.ts';
import type { RunListener } from '../run/run-context.ts';
import { runWatcher } from '../watch.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { Activity } from './activity.ts';
import type { WatcherChange, WatcherContext } from './watcher-context.ts';

/** Parts of one run, in addition to the context of its watcher. */
export interface WatcherRunParts<E extends Event> {
  readonly handler: AnyHandler<E>;
  readonly options: ResolvedWatchOptions<E>;
  /** Called when the run becomes the owner of the watcher, and when it enters standby. */
  readonly onActive: () => void;
  /** Called when the run has ended: successfully, or with an error. */
  readonly onEnd: (error?: unknown) => void;
}

/** Run of a managed watcher, from a start to the next stop or failure. With a lease, it includes the time in standby. */
export class WatcherRun<E extends Event = Event> extends Activity implements RunListener<E> {
  /** Whether a seek has replaced this run. If so, this run must not move the checkpoint any more. */
  isSuperseded = false;
  /** Stops deliveries while the watcher is paused. */
  readonly pauseSwitch = new PauseSwitch();
  /** Whether the run is the owner of the watcher; `false` in standby. */
  isActive: boolean;

  readonly #context: WatcherContext<E>;
  readonly #parts: WatcherRunParts<E>;
  constructor(context: WatcherContext<E>, parts: WatcherRunParts<E>) {
    super(context.watcherId, context.scheduler, context.slots);
    this.#context = context;
    this.#parts = parts;
    this.isActive = !context.ownership.isShared;
  }

  start(): void {
    const { watcherId, store, scheduler, ownership, checkpoints, cutOff, slots, outcomes$ } = this.#context;
    const { handler, options, onEnd } = this.#parts;
    const { pauseSwitch, stop$ } = this;
    const end = (error?: unknown) => {
      // A failure aborts the attempts in flight. They do not count, because the next start begins again with attempt 1.
      if (error !== undefined) cutOff.clear();
      this.end();
      onEnd(error);
    };
    // No handler may be called before `create` or `start` returns, because the caller does not have the watcher yet.
    const returned = new Latch();
    afterThisCall(scheduler, () => returned.set());
    const run = ({ store: ownedStore, isValid, valid$ }: OwnershipGrant<E>) => {
      this.#setActive(true);
      return runWatcher<E>(
        {
          store: ownedStore,
          watcherId,
          options,
          handler,
          scheduler,
          pauseSwitch,
          isReady: () => returned.isSet && isValid() && (slots === undefined || slots.isFree),
          ready$: defer(() => concat(returned.set$.pipe(ignoreElements()), valid$, slots?.free$ ?? EMPTY)),
          checkpoints,
          isSuperseded: () => this.isSuperseded,
          cutOff,
          listener: this,
        },
        stop$,
      );
    };
    const standby = defer(() => {
      this.#setActive(false);
      pauseSwitch.resume('pauseWhen');
      const end$ = merge(stop$, store.closed$).pipe(take(1), ignoreElements());
      return using(
        () => store.internals.keepAlive(),
        () => end$,
      );
    });
    ownership.whenOwner(standby, run).subscribe({
      next: (outcome) => outcomes$.observed && outcomes$.next(outcome),
      error: end,
      complete: end,
    });
  }

  #setActive(isActive: boolean): void {
    this.isActive = isActive;
    this.#parts.onActive();
  }

  /** Emits a change only if there is an observer, because any emission costs as much as a fast handler. */
  #changed(change: WatcherChange): void {
    const { changed$ } = this.#context;
    if (changed$.observed) changed$.next(change);
  }

  override cutOff({ seqNum, attempt }: InFlight): void {
    this.#context.cutOff.set(seqNum, attempt);
  }

  started(position: number): void {
    const { cutOff, progress } = this.#context;
    for (const seqNum of [...cutOff.keys()]) {
      if (seqNum <= position) cutOff.delete(seqNum);
    }
    progress.started(position);
    this.#changed('position');
  }

  tracking(tracker: ProgressTracker): void {
    this.#context.progress.tracker = tracker;
  }

  reading(): void {
    this.#context.progress.reading();
    this.#changed('position');
  }

  pageRead(next: EventIterator, isEmpty: boolean): void {
    this.#context.progress.pageRead(next);
    // After an empty page, the change of position is emitted only by `progressed`, which first updates the ack floor. If it
    // were emitted here, `caughtUp$` would read the old ack floor.
    this.#changed(isEmpty ? 'count' : 'position');
  }

  override attemptStarted(attempt: InFlight, lastSeqNum: number): void {
    super.attemptStarted(attempt, lastSeqNum);
    this.#context.progress.delivered(lastSeqNum);
  }

  override retrying(): void {
    this.#context.progress.retrying();
    this.#changed('count');
  }

  override failed(error: unknown): void {
    this.#context.progress.failed(error);
    this.#changed('count');
  }

  progressed(ackFloor: number, outcome?: Outcome<E>): void {
    this.#context.progress.progressed(ackFloor, outcome);
    this.#changed('position');
  }

  checkpointStored(): void {
    this.#changed('count');
  }

  /** Does nothing: `finished` is also called at each loss of the lease, but only `onEnd` reports the end of the whole run. */
  finished(): void {}
}
