import {
  BehaviorSubject,
  concat,
  defer,
  ignoreElements,
  merge,
  type Observable,
  take,
  type Unsubscribable,
  using,
} from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { InFlight } from '../../handling/handling-context.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { afterThisCall } from '../../scheduling/event-loop-turn.ts';
import { Latch } from '../../scheduling/latch.ts';
import { PauseSwitch } from '../../scheduling/pause-switch.ts';
import type { Ownership, Right } from '../lease/ownership.ts';
import type { ProgressTracker } from '../run/progress-tracker.ts';
import type { RunListener } from '../run/run-context.ts';
import { type RunParts, runWatcher } from '../watch.ts';
import { Activity } from './activity.ts';
import type { Change } from './watcher-observables.ts';
import type { WatcherProgress } from './watcher-progress.ts';

/** What a run of a managed watcher is given, and whom it tells. */
export interface ManagedRunParts<E extends Event>
  extends Omit<
    RunParts<E>,
    | 'store'
    | 'listener'
    | 'isEntitled'
    | 'entitled$'
    | 'isSuperseded'
    | 'pauseSwitch'
    | 'checkpoints'
    | 'cutOff'
  > {
  /** Says when it may run. */
  readonly leasing: Ownership<E>;
  /** Emits and completes when the store is closed. */
  readonly closed$: Observable<unknown>;
  /** Keeps the process alive until what it returns is unsubscribed. */
  readonly keepAlive: () => Unsubscribable | undefined;
  /** Keeps what becomes known. */
  readonly record: WatcherProgress<E>;
  /** Something changed. */
  readonly onChange: (change: Change) => void;
  /** An event was handled or given up. */
  readonly onOutcome: (outcome: Outcome<E>) => void;
  /** It has ended, well or with this error. */
  readonly onEnd: (error?: unknown) => void;
}

/** One run of a watcher, from a start to the end that follows. */
export class WatcherRun<E extends Event = Event> extends Activity implements RunListener<E> {
  /** Whether the watcher was sent elsewhere meanwhile. */
  isSuperseded = false;
  /** Shut while it is paused. */
  readonly pauseSwitch = new PauseSwitch();
  /** Whether it has the right to run, or stands by: the present value first. */
  readonly isActive$: BehaviorSubject<boolean>;

  readonly #parts: ManagedRunParts<E>;
  /** How many attempts at events were cut off by the loss of a lease: they count when the run has the lease again. */
  readonly #cutOff = new Map<number, number>();

  constructor(parts: ManagedRunParts<E>) {
    super(parts.watcherId, parts.scheduler);
    this.#parts = parts;
    this.isActive$ = new BehaviorSubject(!parts.leasing.isShared);
  }

  start(): void {
    const { leasing, closed$, keepAlive, scheduler, onOutcome, onEnd } = this.#parts;
    const end = (error?: unknown) => {
      this.end();
      onEnd(error);
    };
    const { pauseSwitch, stop$ } = this;
    const { checkpoints } = this.#parts.record;
    const parts = {
      pauseSwitch,
      listener: this,
      isSuperseded: () => this.isSuperseded,
      checkpoints,
      cutOff: this.#cutOff,
      ...this.#parts,
    };
    // The caller may not even have the watcher yet: no handler is called from inside `create` or `start`.
    const returned = new Latch();
    afterThisCall(scheduler, () => returned.set());
    const run = ({ store, isValid, valid$ }: Right<E>) => {
      this.isActive$.next(true);
      const entitled$ = concat(returned.set$.pipe(ignoreElements()), valid$);
      return runWatcher<E>(
        { store, isEntitled: () => returned.isSet && isValid(), entitled$, ...parts },
        stop$,
      );
    };
    const waiting = defer(() => {
      this.isActive$.next(false);
      pauseSwitch.resume('pauseWhen');
      const over$ = merge(stop$, closed$).pipe(take(1), ignoreElements());
      return using(keepAlive, () => over$);
    });
    leasing.whenever(waiting, run).subscribe({ next: onOutcome, error: end, complete: end });
  }

  override cutOff({ seqNum, attempt }: InFlight): void {
    this.#cutOff.set(seqNum, attempt);
  }

  began(position: number): void {
    for (const seqNum of [...this.#cutOff.keys()]) {
      if (seqNum <= position) this.#cutOff.delete(seqNum);
    }
    this.#parts.record.began(position);
    this.#parts.onChange('place');
  }

  following(prefix: ProgressTracker): void {
    this.#parts.record.tracker = prefix;
  }

  listening(): void {
    this.#parts.record.listening();
    this.#parts.onChange('place');
  }

  read(next: EventIterator, isEmpty: boolean): void {
    this.#parts.record.read(next);
    // What an empty page has passed is told by `passed`: until then the watcher only seems to be behind.
    this.#parts.onChange(isEmpty ? 'count' : 'place');
  }

  override attemptStarted(attempt: InFlight, through: number): void {
    super.attemptStarted(attempt, through);
    this.#parts.record.handed(through);
    // What the filter left out before it is done by now.
    this.#parts.onChange('count');
  }

  override retrying(): void {
    this.#parts.record.retrying();
    this.#parts.onChange('count');
  }

  override failed(error: unknown): void {
    this.#parts.record.failed(error);
    this.#parts.onChange('count');
  }

  passed(through: number, outcome?: Outcome<E>): void {
    this.#parts.record.passed(through, outcome);
    this.#parts.onChange('place');
  }

  checkpointed(): void {
    this.#parts.onChange('count');
  }

  /** The life of the watcher reports the end: a tenure is no more than a part of a run. */
  finished(): void {}
}
