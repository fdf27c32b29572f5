import { concat, EMPTY, merge, type Observable, of, Subscription, switchMap, tap } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { Latch } from '../../scheduling/latch.ts';
import { createMembership, type Membership } from './membership.ts';
import type { PartitionContext, SharedPartitionContext } from './partition-context.ts';
import { type PartitionPlan, partitionPlans } from './partition-plan.ts';
import { createPreparation, type Preparation } from './prepare-partitions.ts';

/** Functions that a session calls. */
export interface SessionListener {
  /** Called after each new plan. */
  onPlan(): void;
  /** Called with the error that makes plans impossible, for example a wrong number of partitions. */
  onError(error: unknown): void;
  /** Called when the store is closed; immediately if it is already closed. */
  onClosed(): void;
}

/**
 * Period from the start of a watcher with partitions to its stop or failure. During this period, the session makes this
 * process a member, and reads which partitions the process should run.
 */
export class PartitionSession<E extends Event = Event> {
  /** Newest plan; `undefined` before the first one. */
  plan: PartitionPlan | undefined;

  readonly #context: PartitionContext<E>;
  /** Membership of this process; `undefined` if the watcher has no leases. */
  readonly #membership: Membership | undefined;
  readonly #preparation: Preparation;
  readonly #subscription = new Subscription();
  readonly #prepared = new Latch();

  constructor(context: PartitionContext<E>) {
    const { sharing } = context;
    this.#context = context;
    this.#preparation = createPreparation(context);
    this.#membership = sharing && createMembership({ ...context, sharing });
  }

  /** Emits and completes when each partition has a checkpoint, or when the session has ended before that. */
  get prepared$(): Observable<void> {
    return this.#prepared.set$;
  }

  /** Completes when the end of the membership of this process is stored, and the leases of the preparation are released. */
  get left$(): Observable<never> {
    return merge(this.#preparation.released$, this.#membership?.left$ ?? EMPTY);
  }

  /** Stores the first checkpoints, and then makes plans until `end` is called. */
  begin({ onPlan, onError, onClosed }: SessionListener): void {
    this.#subscription.add(this.#context.store.closed$.subscribe(onClosed));
    // The session may have ended already: a subscriber of the state can stop the watcher, and the store can be closed.
    if (this.#subscription.closed) return;
    const { prepared$ } = this.#preparation;
    this.#subscription.add(
      concat(prepared$.pipe(tap({ complete: () => this.#prepared.set() })), this.#plans()).subscribe({
        next: (plan) => {
          this.plan = plan;
          onPlan();
        },
        error: onError,
      }),
    );
  }

  /** Ends the membership and the plans. Idempotent. */
  end(): void {
    this.#subscription.unsubscribe();
    this.#prepared.set();
  }

  #plans(): Observable<PartitionPlan> {
    const { count } = this.#context;
    if (this.#membership === undefined) {
      return of({ own: new Set(Array.from({ length: count }, (_, index) => index)), holders: [] });
    }
    return this.#membership.isMember$.pipe(
      switchMap((isMember) =>
        isMember ? partitionPlans(this.#context as SharedPartitionContext<E>) : EMPTY,
      ),
    );
  }
}
