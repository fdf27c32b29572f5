import type { AsyncResource } from 'node:async_hooks';
import { combineLatest, type SchedulerLike, type Subject } from 'rxjs';
import { InvalidStateError, NoHandlerError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { AnyHandler } from '../../handling/handler.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { ownContext } from '../../scheduling/call-context.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { Ownership } from '../lease/ownership.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import type { Activity } from './activity.ts';
import type { WatcherState } from './watcher.ts';
import type { Change } from './watcher-observables.ts';
import type { WatcherProgress } from './watcher-progress.ts';
import { WatcherRun } from './watcher-run.ts';

/** What a watcher is made of. */
export interface WatcherParts<E extends Event> {
  /** Its id. */
  readonly id: string;
  /** Where events and checkpoints are. */
  readonly store: EventStore<E>;
  /** How it is to run. */
  readonly options: ResolvedWatchOptions<E>;
  /** Its clock and timers. */
  readonly scheduler: SchedulerLike;
  /** Says when it may act. */
  readonly leasing: Ownership<E>;
  /** What is known of it. */
  readonly record: WatcherProgress<E>;
  /** Is told of each change. */
  readonly changed$: Subject<Change>;
  /** Is told what becomes of each event. */
  readonly outcomes$: Subject<Outcome<E>>;
}

/** The runs of a watcher, one at a time, and the states around them. */
export class WatcherLifecycle<E extends Event = Event> {
  /** Handles the events, once it is given. */
  handler: AnyHandler<E> | undefined;
  /** The run at hand. */
  run: WatcherRun<E> | undefined;
  /** Whether it was removed, or is being so. */
  isRetired = false;
  /** The redrive of dead letters in progress: a run that begins meanwhile waits. */
  redriving: Activity | undefined;

  readonly #parts: WatcherParts<E>;
  /** Asynchronous context of the caller that started the watcher. */
  #context: AsyncResource | undefined;

  constructor(parts: WatcherParts<E>, handler: AnyHandler<E> | undefined) {
    this.#parts = parts;
    this.handler = handler;
  }

  /** Changes the state. */
  enter(state: WatcherState): void {
    const { record } = this.#parts;
    const before = record.state;
    record.state = state;
    record.log.entered(state, before);
    this.#parts.changed$.next('state');
  }

  /** Why something cannot be done now. */
  refusal(action: string): InvalidStateError {
    const { id, record } = this.#parts;
    return new InvalidStateError(id, action, this.isRetired ? 'removed' : record.state);
  }

  /** The handler, or a `NoHandlerError`. */
  requireHandler(): AnyHandler<E> {
    if (this.handler === undefined) throw new NoHandlerError(this.#parts.id);
    return this.handler;
  }

  /** Begins a run in the caller's asynchronous context. */
  start(): void {
    this.#context = ownContext();
    this.#begin();
  }

  /**
   * Begins a run in the asynchronous context of the last start; without a start, in the caller's.
   *
   * @param from - Where an ephemeral watcher begins. Default: where its options say.
   */
  restart(from: EventIterator | undefined): void {
    this.#context ??= ownContext();
    this.#context.runInAsyncScope(() => this.#begin(from));
  }

  #begin(from?: EventIterator): void {
    const { id, store, record, changed$, outcomes$, options, ...parts } = this.#parts;
    const next = new WatcherRun<E>({
      ...parts,
      watcherId: id,
      closed$: store.closed$,
      keepAlive: () => store.internals.keepAlive(),
      handler: this.requireHandler(),
      options: from === undefined ? options : { ...options, initialEventIterator: from },
      record,
      onChange: (change) => changed$.next(change),
      onOutcome: (outcome) => outcomes$.next(outcome),
      onEnd: (error) => {
        this.run = undefined;
        if (error !== undefined) record.ended(error);
        this.enter(error === undefined ? 'stopped' : 'failed');
      },
    });
    this.run = next;
    if (this.redriving !== undefined) next.pauseSwitch.pause('redrive');
    record.hasBegun = false;
    // The first value enters the first state: whoever is told of it may pause or stop it already.
    combineLatest([next.isActive$, next.pauseSwitch.isOpen$]).subscribe(([isActive, isOpen]) => {
      if (this.run !== next || record.state === 'stopping') return;
      this.enter(isActive ? (isOpen ? 'running' : 'paused') : 'standby');
    });
    next.start();
  }

  /** Ends the run, if there is one; from inside its handler without waiting for it: then it is returned. */
  async halt(timeout: number): Promise<WatcherRun<E> | undefined> {
    const present = this.run;
    if (present === undefined) return undefined;
    const fromInside = present.isCaller;
    this.enter('stopping');
    present.stop();
    if (fromInside) return present;
    await present.endedWithin(timeout);
    return undefined;
  }

  /**
   * Ends the run and the redrive, each after its attempts in flight, and waits for those that it was not called from.
   *
   * @throws {@link TimeoutError} if they have not ended within `timeout` milliseconds.
   */
  async stop(timeout: number): Promise<void> {
    const { redriving } = this;
    redriving?.stop();
    const redriven = redriving?.isCaller ? undefined : redriving?.endedWithin(timeout);
    await Promise.all([this.halt(timeout), redriven]);
  }

  /** Calls `work` when neither a run nor a redrive is left: at once, if that is so. */
  whenOver(work: () => void): void {
    const left = [this.run, this.redriving].filter((activity) => activity !== undefined);
    if (left.length === 0) work();
    else void Promise.all(left.map((activity) => activity.ended())).then(work);
  }

  /**
   * The run, to be told to pause or to go on.
   *
   * @throws InvalidStateError if there is none, or it is stopping.
   */
  present(action: string): WatcherRun<E> {
    if (this.run === undefined || this.#parts.record.state === 'stopping') throw this.refusal(action);
    return this.run;
  }
}
