import type { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  concat,
  EMPTY,
  firstValueFrom,
  lastValueFrom,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  Subscription,
  share,
  switchMap,
  tap,
  type Unsubscribable,
} from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { ownContext } from '../../scheduling/call-context.ts';
import { Latch } from '../../scheduling/latch.ts';
import { observableFrom } from '../../scheduling/observable-from.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import { partitionId } from '../../store/partition-id.ts';
import { createManagedWatcher, type ManagedWatcher, type ManagerParts } from '../managed/managed-watcher.ts';
import type { WatcherChange } from '../managed/watcher-context.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { WatcherLog } from '../watcher-log.ts';
import { HandlerSlots } from './handler-slots.ts';
import { LeaseObserver } from './lease-observer.ts';
import { LeaseReader } from './lease-reader.ts';
import { createMembership } from './membership.ts';
import type { PartitionContext, SharedPartitionContext } from './partition-context.ts';
import { type PartitionPlan, partitionPlans } from './partition-plan.ts';
import { partitionStore } from './partition-store.ts';
import { preparePartitions } from './prepare-partitions.ts';

/** States of a partition that this process does not run. */
const AT_REST: ReadonlySet<WatcherState> = new Set(['idle', 'stopped', 'failed']);

/** Period from the start of a watcher with partitions to its stop or failure. */
interface Session {
  readonly subscription: Subscription;
  /** Completes when the end of the membership of this process is stored. */
  readonly left$: Observable<never>;
  /** Set when each partition has a checkpoint, or when the session ends before that. */
  readonly prepared: Latch;
  plan: PartitionPlan | undefined;
}

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
  #session: Session | undefined;
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
    const scheduler = options.scheduler ?? store.internals.scheduler;
    const { leases } = store.internals;
    const count = options.partitions;
    const ids = Array.from({ length: count }, (_, index) => partitionId(watcherId, index, count));
    // The random part makes the owner unique, because several managers can have the same owner, and a restarted process can
    // have the same host and process id.
    const owned = lease && { ...lease, owner: `${lease.owner} (${randomUUID().slice(0, 8)})` };
    const onFailure = (error: unknown) => {
      this.#setError(error);
      this.log.failure(error);
      this.changed$.next('count');
    };
    this.#onStateChange = onStateChange;
    this.log = new WatcherLog(watcherId, store.internals.logger, options, () => scheduler.now());
    this.context = {
      watcherId,
      count,
      store,
      options,
      scheduler,
      sharing:
        owned === undefined || leases === undefined
          ? undefined
          : {
              ...owned,
              leases,
              observer: new LeaseObserver(owned.duration, scheduler),
              reader: new LeaseReader(leases, watcherId, ids),
            },
      onFailure,
    };
    const slots = new HandlerSlots(options.concurrency);
    const pauseWhen =
      options.pauseWhen &&
      observableFrom(options.pauseWhen).pipe(share({ connector: () => new ReplaySubject(1) }));
    this.partitions = ids.map((id, index) => {
      const partitionOptions = {
        ...options,
        pauseWhen,
        filter: { ...options.filter, partition: { index, count } },
      };
      return createManagedWatcher<E>(partitionStore(store, watcherId, id), watcherId, partitionOptions, {
        lease: owned,
        onStateChange: (state) => this.#onPartition(state),
        partition: {
          id,
          stateChanged$: this.stateChanged$,
          changed$: this.changed$,
          outcomes$: this.outcomes$,
          slots,
          unchangedFor: (revision) => this.context.sharing?.observer.unchangedFor(id, revision) ?? 0,
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
    const membership =
      this.context.sharing && createMembership({ ...this.context, sharing: this.context.sharing });
    const session: Session = {
      subscription: new Subscription(),
      left$: membership?.left$ ?? EMPTY,
      prepared: new Latch(),
      plan: undefined,
    };
    this.#session = session;
    this.#failure = undefined;
    this.isPaused = false;
    this.#callContext = ownContext();
    this.update();
    const { store } = this.context;
    const plans$ =
      membership === undefined
        ? of(this.#wholePlan())
        : membership.isMember$.pipe(
            switchMap((isMember) =>
              isMember ? partitionPlans(this.context as SharedPartitionContext<E>) : EMPTY,
            ),
          );
    session.subscription.add(store.closed$.subscribe(() => this.#endSession()));
    if (session.subscription.closed) return;
    session.subscription.add(
      concat(
        preparePartitions(this.context).pipe(tap({ complete: () => session.prepared.set() })),
        plans$,
      ).subscribe({
        next: (plan) => {
          session.plan = plan;
          this.#follow();
        },
        error: (error) => {
          this.log.failed(error);
          this.#fail(error);
        },
      }),
    );
  }

  #wholePlan(): PartitionPlan {
    return { own: new Set(this.partitions.keys()), holders: [] };
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
    if (session !== undefined) await firstValueFrom(session.prepared.set$);
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
    session.subscription.unsubscribe();
    session.prepared.set();
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
