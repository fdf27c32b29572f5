import {
  catchError,
  concat,
  defer,
  dematerialize,
  distinctUntilChanged,
  EMPTY,
  materialize,
  NEVER,
  type Observable,
  type OperatorFunction,
  pipe,
  startWith,
  switchMap,
} from 'rxjs';
import { InvalidStateError, LeaseLostError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore, TransactionWork } from '../../store/event-store.ts';
import type { HeldLease } from './held-lease.ts';
import { createLeaseElector } from './lease-elector.ts';
import type { LeaseContext } from './lease-options.ts';
import { type LeaselessWatcher, warnOfLease } from './warn-of-lease.ts';

/** Returns the store with writes that carry the fencing token, and that are rejected after the loss of the lease. */
function fencedStore<E extends Event>(store: EventStore<E>, lease: HeldLease): EventStore<E> {
  const whileHeld = <T>(write: () => Promise<T>): Promise<T> =>
    lease.loss === undefined ? write() : Promise.reject(lease.loss);
  const { transaction } = store;
  const inTransaction = <R>(run: NonNullable<typeof transaction>, work: TransactionWork<E, R>) =>
    run((storeEvent, storeCheckpoint, deleteDeadLetter) =>
      work(
        storeEvent,
        (watcherId, seqNum) => storeCheckpoint(watcherId, seqNum, lease.token),
        (watcherId, seqNum) => deleteDeadLetter(watcherId, seqNum, lease.token),
      ),
    );
  return {
    ...store,
    ...(transaction && {
      transaction: <R>(work: TransactionWork<E, R>) => whileHeld(() => inTransaction(transaction, work)),
    }),
    storeCheckpoint: (watcherId, seqNum) =>
      whileHeld(() => store.storeCheckpoint(watcherId, seqNum, lease.token)),
    storeDeadLetter: (deadLetter, checkpoint) =>
      whileHeld(() => store.storeDeadLetter(deadLetter, checkpoint, lease.token)),
  };
}

/** One grant of ownership. It ends with the loss of the lease. Without a lease, it does not end. */
export interface OwnershipGrant<E extends Event = Event> {
  /** Store that rejects the watcher's writes after the loss of the lease. */
  readonly store: EventStore<E>;
  /**
   * Whether events may be delivered now. With a lease, this is `false` after the renew deadline and after the loss of the
   * lease.
   */
  readonly isValid: () => boolean;
  /** Completes when events may be delivered; immediately if they may be delivered now. */
  readonly valid$: Observable<never>;
}

/** The right to act for a watcher, with or without a lease. */
export interface Ownership<E extends Event = Event> {
  /** Whether another process can be the owner. If so, the watcher can be in standby. */
  readonly isShared: boolean;
  /**
   * Subscribes to `run` whenever ownership is granted, and unsubscribes from `run` when ownership is lost. When `run` or
   * `standby` completes, releases the lease and completes. An error is passed on.
   *
   * @param standby - Subscribed to while another process is the owner.
   */
  whenOwner<T>(standby: Observable<never>, run: (grant: OwnershipGrant<E>) => Observable<T>): Observable<T>;
  /**
   * Subscribes to `work` as the owner. If the lease is free, it is acquired, and released when `work` ends.
   *
   * @throws {@link InvalidStateError} if another process is the owner.
   * @throws {@link LeaseLostError} if the lease is lost before `work` completes.
   */
  during<T>(action: string, work: (grant: OwnershipGrant<E>) => Observable<T>): Observable<T>;
}

/** Projects each value to an Observable, like `switchMap`, and ends when the newest of these Observables ends. */
const switchUntilEnd = <A, B>(project: (value: A) => Observable<B>): OperatorFunction<A, B> =>
  pipe(
    switchMap((value) => project(value).pipe(materialize())),
    dematerialize(),
  );

/** Creates the ownership of a watcher without a lease. This ownership is always granted. */
export function soleOwnership<E extends Event>(watcher: LeaselessWatcher<E>): Ownership<E> {
  const grant = { store: watcher.store, isValid: () => true, valid$: EMPTY };
  return {
    isShared: false,
    whenOwner: (_standby, run) => warnOfLease(watcher, run(grant)),
    during: (_action, work) => work(grant),
  };
}

/** Creates the ownership of a watcher with a lease. This ownership is granted while this process holds the lease. */
export function leaseOwnership<E extends Event>(
  context: LeaseContext & { readonly store: EventStore<E> },
): Ownership<E> {
  const { watcherId, store } = context;
  const { leases$, released$ } = createLeaseElector(context);

  const grantOf = (lease: HeldLease): OwnershipGrant<E> => ({
    store: fencedStore(store, lease),
    isValid: () => lease.isValid(),
    valid$: lease.valid$,
  });
  return {
    isShared: true,
    whenOwner(standby, run) {
      const runWith = (lease: HeldLease) =>
        run(grantOf(lease)).pipe(
          catchError((error) => {
            if (!(error instanceof LeaseLostError)) throw error;
            lease.lose(error);
            return NEVER;
          }),
        );
      const runs = leases$.pipe(
        startWith(undefined),
        distinctUntilChanged(),
        switchUntilEnd((lease) => (lease === undefined ? standby : runWith(lease))),
      );
      return concat(runs, released$);
    },
    during: (action, work) =>
      defer(() => {
        let held: HeldLease | undefined;
        return leases$.pipe(
          switchUntilEnd((lease) => {
            if (lease === undefined) {
              throw held?.loss ?? new InvalidStateError(watcherId, action, 'not the owner of its lease');
            }
            held = lease;
            return work(grantOf(lease));
          }),
        );
      }),
  };
}
