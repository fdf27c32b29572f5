import type { AsyncResource } from 'node:async_hooks';
import { InvalidStateError, NoHandlerError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { AnyHandler } from '../../handling/handler.ts';
import { ownContext } from '../../scheduling/call-context.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import type { Activity } from './activity.ts';
import type { WatcherContext } from './watcher-context.ts';
import { WatcherRun } from './watcher-run.ts';
import {
  assertTransition,
  invalidCommand,
  type WatcherCommand,
  type WatcherStatus,
} from './watcher-transitions.ts';

/** State of a watcher, and its current run. A watcher has at most one run at a time. */
export class WatcherLifecycle<E extends Event = Event> {
  /** Handler of the events, if it is set. */
  handler: AnyHandler<E> | undefined;
  /** Current run; `undefined` if the watcher is not started. */
  run: WatcherRun<E> | undefined;
  /** Whether the removal of the watcher has begun. */
  isRemoved = false;
  /** Current redrive of dead letters. A run that starts during a redrive is paused until the redrive ends. */
  redrive: Activity | undefined;

  readonly #context: WatcherContext<E>;
  /** Asynchronous context of the caller that started the watcher. */
  #callContext: AsyncResource | undefined;

  constructor(context: WatcherContext<E>, handler: AnyHandler<E> | undefined) {
    this.#context = context;
    this.handler = handler;
  }

  /** Changes the state, logs the change, and notifies the manager and the subscribers. */
  enter(state: WatcherState): void {
    const { progress, stateChanged$, onStateChange } = this.#context;
    const before = progress.state;
    progress.state = state;
    progress.log.entered(state, before);
    // Notify the manager before `stateChanged$` emits, because a subscriber may change the state again.
    onStateChange(state, before);
    stateChanged$.next();
  }

  get #status(): WatcherStatus {
    return this.isRemoved ? 'removed' : this.#context.progress.state;
  }

  /** Returns the error of an action that the current state does not allow. */
  invalidState(action: string): InvalidStateError {
    return new InvalidStateError(this.#context.watcherId, action, this.#status);
  }

  /**
   * Checks that the transition table allows a command in the current state.
   *
   * @throws {@link InvalidStateError} if the state does not allow the command.
   * @throws {@link HandlerExistsError} if the command sets a handler and the watcher has one.
   */
  assertAllowed(command: WatcherCommand): void {
    assertTransition(this.#context.watcherId, command, this.#status, this.handler !== undefined);
  }

  /**
   * Returns the current run, for a command that needs it.
   *
   * @throws {@link InvalidStateError} if the state does not allow the command, or the run has just ended.
   */
  requireRun(command: WatcherCommand): WatcherRun<E> {
    this.assertAllowed(command);
    if (this.run === undefined) throw invalidCommand(this.#context.watcherId, command, this.#status);
    return this.run;
  }

  /**
   * Returns the handler.
   *
   * @throws {@link NoHandlerError} if the watcher has no handler.
   */
  requireHandler(): AnyHandler<E> {
    if (this.handler === undefined) throw new NoHandlerError(this.#context.watcherId);
    return this.handler;
  }

  /** Starts a run in the caller's asynchronous context. */
  start(): void {
    this.#callContext = ownContext();
    this.#startRun();
  }

  /**
   * Starts a run in the asynchronous context of the last start. If there was no start, uses the context of the caller.
   *
   * @param from - Position at which an ephemeral watcher starts. Default: the option `initialEventIterator`.
   */
  restart(from: EventIterator | undefined): void {
    this.#callContext ??= ownContext();
    this.#callContext.runInAsyncScope(() => this.#startRun(from));
  }

  #startRun(from?: EventIterator): void {
    const { options, progress } = this.#context;
    const run = new WatcherRun<E>(this.#context, {
      handler: this.requireHandler(),
      options: from === undefined ? options : { ...options, initialEventIterator: from },
      onActive: () => enterState(),
      onEnd: (error) => {
        this.run = undefined;
        if (error !== undefined) progress.runFailed(error);
        this.enter(error === undefined ? 'stopped' : 'failed');
      },
    });
    this.run = run;
    if (this.redrive !== undefined) run.pauseSwitch.pause('redrive');
    progress.hasStarted = false;
    const enterState = () => {
      if (this.run !== run || progress.state === 'stopping') return;
      this.enter(run.isActive ? (run.pauseSwitch.isOpen ? 'running' : 'paused') : 'standby');
    };
    // This subscription enters the first state, before the start. If a subscriber of the state then pauses or stops the run,
    // no event is delivered.
    run.pauseSwitch.isOpen$.subscribe(enterState);
    run.start();
  }

  /**
   * Stops the current run, if there is one, and waits for its end. A call from inside the handler does not wait: it
   * returns the run, which ends later.
   *
   * @throws {@link TimeoutError} if the run has not ended within `timeout` milliseconds.
   */
  async stopRun(timeout: number): Promise<WatcherRun<E> | undefined> {
    const { run } = this;
    if (run === undefined) return undefined;
    const { isCaller } = run;
    this.enter('stopping');
    run.stop();
    if (isCaller) return run;
    await run.endedWithin(timeout);
    return undefined;
  }

  /**
   * Stops the run and the redrive after their attempts in flight, and waits until both have ended. If the handler makes the
   * call, the run or redrive that called the handler is not awaited.
   *
   * @throws {@link TimeoutError} if they have not ended within `timeout` milliseconds.
   */
  async stop(timeout: number): Promise<void> {
    const { redrive } = this;
    redrive?.stop();
    const redriveEnded = redrive?.isCaller ? undefined : redrive?.endedWithin(timeout);
    await Promise.all([this.stopRun(timeout), redriveEnded]);
  }

  /** Calls `work` when the run and the redrive have ended; immediately if there is neither a run nor a redrive. */
  afterEnd(work: () => void): void {
    const activities = [this.run, this.redrive].filter((activity) => activity !== undefined);
    if (activities.length === 0) work();
    else void Promise.all(activities.map((activity) => activity.ended())).then(work);
  }
}
