import type { AsyncResource } from 'node:async_hooks';
import {
  EMPTY,
  firstValueFrom,
  lastValueFrom,
  type Observable,
  ReplaySubject,
  Subject,
  Subscription,
  share,
  type Unsubscribable,
} from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { ownContext } from '../../scheduling/call-context.ts';
import { observableFrom } from '../../scheduling/observable-from.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import { createManagedWatcher, type ManagedWatcher, type ManagerParts } from '../managed/managed-watcher.ts';
import type { WatcherChange } from '../managed/watcher-context.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { WatcherLog } from '../watcher-log.ts';
import { HandlerSlots } from './handler-slots.ts';
import { createPartitionContext, idOfPartition, type PartitionContext } from './partition-context.ts';
import { PartitionSession } from './partition-session.ts';
import { partitionStore } from './partition-store.ts';

/** States of a partition that this process does not run. */
const AT_REST: ReadonlySet<WatcherState> = new Set(['idle', 'stopped', 'failed']);

/**
 * Partitions of a watcher, and the state that they have together. Each partition is a watcher with its own filter,
 * checkpoint and lease. The group starts and stops partitions as the newest plan requires.
 */
export class PartitionGroup<E extends Event = Event> {
  state: WatcherState = 'idle';
  lastError: Error | undefined;
  /** Whether the watcher is paused. A partition that starts later is paused, too. */
  isPaused = false;
  readonly context: PartitionContext<E>;
  readonly partitions: readonly ManagedWatcher<E>[];
  readonly log: WatcherLog;
  readonly stateChanged$ = new Subject<void>();
  readonly changed$ = new Subject<WatcherChange>();
  readonly outcomes$ = new Subject<Outcome<E>>();

  readonly #onStateChange: ManagerParts['onStateChange'];
  #session: PartitionSession<E> | undefined;
  #callContext: AsyncResource | undefined;
  /** Error that has ended the last session; `undefined` if no error has ended it. */
  #failure: Error | undefined;
  /** Number of calls, for example seeks, during which no plan may start or stop partitions. */
  #suspensions = 0;
  #alive: Unsubscribable = Subscription.EMPTY;

  constructor(
    store: EventStore<E>,
    watcherId: string,
    options: ResolvedWatchOptions<E> & { readonly partitions: number },
    { lease, onStateChange }: ManagerParts,
  ) {
    this.#onStateChange = onStateChange;
    this.context = createPartitionContext(store, watcherId, options, lease, (error) => {
      this.#setError(error);
      this.log.failure(error);
      this.changed$.next('count');
    });
    const { count, scheduler, sharing } = this.context;
    this.log = new WatcherLog(watcherId, store.internals.logger, options, () => scheduler.now());
    const slots = new HandlerSlots(options.concurrency);
    const pauseWhen =
      options.pauseWhen &&
      observableFrom(options.pauseWhen).pipe(share({ connector: () => new ReplaySubject(1) }));
    this.partitions = Array.from({ length: count }, (_, index) => {
      const id = idOfPartition(this.context, index);
      const partitionOptions = {
        ...options,
        pauseWhen,
        filter: { ...options.filter, partition: { index, count } },
      };
      return createManagedWatcher<E>(partitionStore(store, watcherId, id), watcherId, partitionOptions, {
        lease: sharing && { duration: sharing.duration, owner: sharing.owner },
        onStateChange: (state) => this.#onPartition(state),
        partition: {
          id,
          stateChanged$: this.stateChanged$,
          changed$: this.changed$,
          outcomes$: this.outcomes$,
          slots,
          unchangedFor: (revision) => sharing?.observer.unchangedFor(id, revision) ?? 0,
          onError: (error) => {
            this.lastError = error;
          },
        },
      });
    });
  }

  /** Whether the watcher was started, and has not stopped or failed since then. */
  get isStarted(): boolean {
    return this.#session !== undefined;
  }

  /** Holders of the partitions, by index, according to the last plan. */
  get holders(): readonly (string | undefined)[] {
    return this.#session?.plan?.holders ?? [];
  }

  /** Indices of the partitions that this process runs. */
  get owned(): readonly number[] {
    return [...this.partitions.keys()].filter((index) => this.isOwned(index));
  }

  /** Returns whether this process runs a partition. */
  isOwned(index: number): boolean {
    const { state } = this.partitions[index] as ManagedWatcher<E>;
    return state !== 'standby' && !AT_REST.has(state);
  }

  /** Starts the watcher: makes this process a member, and runs the partitions that the plan gives to this process. */
  start(): void {
    const session = new PartitionSession<E>(this.context);
    this.#session = session;
    this.#failure = undefined;
    this.isPaused = false;
    this.#callContext = ownContext();
    this.update();
    session.begin({
      onPlan: () => this.#follow(),
      onError: (error) => {
        this.log.failed(error);
        this.#fail(error);
      },
      onClosed: () => void this.#endSession(),
    });
  }

  /**
   * Ends the membership of this process, and stops all partitions after their attempts in flight.
   *
   * @throws {@link TimeoutError} if an attempt does not settle within `timeout`.
   */
  async stop(timeout: number): Promise<void> {
    const left$ = this.#endSession();
    if (this.state === 'idle') this.#enter('stopped');
    await Promise.all(this.partitions.map((partition) => partition.stop({ timeout })));
    await lastValueFrom(left$, { defaultValue: undefined });
  }

  /** Resolves when each partition has a checkpoint, or when the watcher stops or fails. */
  async prepared(): Promise<void> {
    const session = this.#session;
    if (session !== undefined) await firstValueFrom(session.prepared$);
  }

  /**
   * Calls `work`. Until its Promise settles, no plan starts or stops partitions. Afterwards, the newest plan takes effect.
   */
  async suspended<T>(work: () => Promise<T>): Promise<T> {
    this.#suspensions++;
    try {
      return await work();
    } finally {
      this.#suspensions--;
      this.#follow();
    }
  }

  pause(): void {
    this.isPaused = true;
    for (const partition of this.#active()) partition.pause();
    this.update();
  }

  resume(): void {
    this.isPaused = false;
    for (const partition of this.#active()) partition.resume();
    this.update();
  }

  /** Computes the state of the watcher from the states of its partitions, and enters this state. */
  update(): void {
    const state = this.#currentState();
    const isWaiting = this.isStarted && !this.isPaused && this.#active().length === 0;
    // A running partition keeps the process alive, so the group has to keep it alive only while no partition runs.
    if (isWaiting) {
      if (this.#alive === Subscription.EMPTY) this.#alive = this.context.store.internals.keepAlive();
    } else {
      this.#alive.unsubscribe();
      this.#alive = Subscription.EMPTY;
    }
    if (state !== this.state) this.#enter(state);
  }

  #currentState(): WatcherState {
    const states = this.partitions.map(({ state }) => state);
    if (this.isStarted) {
      // A partition that moves to another process stops, but the watcher is still running.
      if (states.includes('running') || states.includes('stopping')) return 'running';
      if (states.includes('paused')) return 'paused';
      if (this.context.sharing !== undefined) return 'standby';
      return this.isPaused ? 'paused' : 'running';
    }
    if (this.state === 'idle') return 'idle';
    if (states.some((state) => !AT_REST.has(state))) return 'stopping';
    return this.#failure === undefined ? 'stopped' : 'failed';
  }

  #enter(state: WatcherState): void {
    const before = this.state;
    this.state = state;
    this.log.entered(state, before);
    this.#onStateChange(state, before);
    this.stateChanged$.next();
  }

  #setError(error: unknown): void {
    this.lastError = error instanceof Error ? error : new Error(String(error));
  }

  /** Returns the partitions that accept the commands `pause`, `resume` and `stop`. */
  #active(): readonly ManagedWatcher<E>[] {
    return this.partitions.filter(({ state }) => state !== 'stopping' && !AT_REST.has(state));
  }

  #onPartition(state: WatcherState): void {
    if (state === 'failed') this.#fail(this.lastError);
    else if (AT_REST.has(state)) this.#follow();
    this.update();
  }

  /** Starts and stops partitions as the newest plan requires. */
  #follow(): void {
    const session = this.#session;
    if (session?.plan === undefined || this.#suspensions > 0) return;
    const { own } = session.plan;
    for (const [index, partition] of this.partitions.entries()) {
      if (session !== this.#session) return;
      if (!own.has(index)) this.#release(partition);
      else if (AT_REST.has(partition.state)) this.#startPartition(partition);
    }
    this.update();
  }

  #startPartition(partition: ManagedWatcher<E>): void {
    this.#callContext?.runInAsyncScope(() => partition.start());
    if (this.isPaused) partition.pause();
  }

  /** Stops a partition that this process should not run. The stop waits for the attempts in flight without a time limit. */
  #release(partition: ManagedWatcher<E>): void {
    if (partition.state === 'stopping' || AT_REST.has(partition.state)) return;
    void partition.stop({ timeout: Number.POSITIVE_INFINITY });
  }

  /** Ends the session. Returns an Observable that completes when the end of the membership of this process is stored. */
  #endSession(): Observable<never> {
    const session = this.#session;
    if (session === undefined) return EMPTY;
    this.#session = undefined;
    session.end();
    this.update();
    return session.left$;
  }

  #fail(error: unknown): void {
    if (error instanceof StoreClosedError || this.#session === undefined) return;
    this.#setError(error);
    this.#failure = this.lastError;
    this.#endSession();
    for (const partition of this.#active()) this.#release(partition);
    this.update();
  }
}
