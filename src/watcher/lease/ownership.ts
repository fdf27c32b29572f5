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
  startWith,
  switchMap,
} from 'rxjs';
import { InvalidStateError, LeaseLostError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { HeldLease } from './held-lease.ts';
import { createLeaseElector } from './lease-elector.ts';
import type { LeaseParts } from './lease-options.ts';

/** The same store for one tenure: what is written bears its token, and nothing is once it is over. */
function fencedStore<E extends Event>(store: EventStore<E>, tenure: HeldLease): EventStore<E> {
  const whileItLasts = (write: () => Promise<void>): Promise<void> =>
    tenure.loss === undefined ? write() : Promise.reject(tenure.loss);
  return {
    ...store,
    storeCheckpoint: (watcherId, seqNum) =>
      whileItLasts(() => store.storeCheckpoint(watcherId, seqNum, tenure.token)),
    storeDeadLetter: (letter, checkpoint) =>
      whileItLasts(() => store.storeDeadLetter(letter, checkpoint, tenure.token)),
  };
}

/** The right to act for a watcher. */
export interface Right<E extends Event = Event> {
  /** The store, to which nothing is written once the right is lost. */
  readonly store: EventStore<E>;
  /** Whether it may hand over at this moment. */
  readonly isValid: () => boolean;
  /** Completes when it may: at once, if it may now. */
  readonly valid$: Observable<never>;
}

/** Says who may act for a watcher. */
export interface Ownership<E extends Event = Event> {
  /** Whether there are others, so that it may have to stand by. */
  readonly isShared: boolean;
  /**
   * Runs something whenever it has the right, and ends it at once when that is lost; the end is that of either.
   *
   * @param waiting - What it does while it has not.
   */
  whenever<T>(waiting: Observable<never>, run: (right: Right<E>) => Observable<T>): Observable<T>;
  /**
   * Does something under the right, which it takes for that time if it is free.
   *
   * @throws InvalidStateError if another has it.
   * @throws LeaseLostError if it is lost meanwhile.
   */
  during<T>(action: string, work: (right: Right<E>) => Observable<T>): Observable<T>;
}

/** There is no other: it always has the right. */
export function unshared<E extends Event>(store: EventStore<E>): Ownership<E> {
  const right = { store, isValid: () => true, valid$: EMPTY };
  return {
    isShared: false,
    whenever: (_waiting, run) => run(right),
    during: (_action, work) => work(right),
  };
}

/** The right goes with a lease, which one of several processes has. */
export function underLease<E extends Event>(
  parts: LeaseParts & { readonly store: EventStore<E> },
): Ownership<E> {
  const { id, store } = parts;
  const { leases$, released$ } = createLeaseElector(parts);

  const rightOf = (tenure: HeldLease): Right<E> => ({
    store: fencedStore(store, tenure),
    isValid: () => tenure.isValid(),
    valid$: tenure.valid$,
  });
  return {
    isShared: true,
    whenever(waiting, run) {
      const under = (tenure: HeldLease) =>
        run(rightOf(tenure)).pipe(
          catchError((error) => {
            if (!(error instanceof LeaseLostError)) throw error;
            tenure.lose(error);
            return NEVER;
          }),
        );
      const whole = leases$.pipe(
        startWith(undefined),
        distinctUntilChanged(),
        switchMap((tenure) => (tenure === undefined ? waiting : under(tenure)).pipe(materialize())),
        dematerialize(),
      );
      return concat(whole, released$);
    },
    during: (action, work) =>
      defer(() => {
        let held: HeldLease | undefined;
        return leases$.pipe(
          switchMap((tenure) => {
            if (tenure !== undefined) {
              held = tenure;
              return work(rightOf(tenure)).pipe(materialize());
            }
            throw held?.loss ?? new InvalidStateError(id, action, 'not the active one');
          }),
          dematerialize(),
        );
      }),
  };
}
