import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  distinctUntilKeyChanged,
  EMPTY,
  finalize,
  ignoreElements,
  map,
  merge,
  Observable,
  of,
  ReplaySubject,
  repeat,
  retry,
  share,
  startWith,
  switchMap,
  takeWhile,
  tap,
} from 'rxjs';
import type { Lease } from '../../engine/contract/lease-table.ts';
import { StoreClosedError } from '../../errors.ts';
import { stopwatch } from '../../scheduling/clock.ts';
import { unrefInterval, unrefTimer } from '../../scheduling/unref-timers.ts';
import { type HeldLease, holdLease, storeLease } from './held-lease.ts';
import type { LeaseContext } from './lease-options.ts';

/** Number of reads within one duration of the lease, while another process holds the lease. */
const READS = 3;

/** Number of retries within one duration of the lease, if the store fails. */
const RETRIES = 3;

/** Free lease, used if a watcher has no stored lease yet. */
export const NO_LEASE: Lease = { token: 0, revision: 0 };

/** Acquires a lease if its stored revision is still that of `lease`. Otherwise, emits `undefined`. */
export const tryAcquire = (context: LeaseContext, lease: Lease): Observable<HeldLease | undefined> =>
  defer(() => {
    const { owner, scheduler } = context;
    const token = lease.token + 1;
    const age = stopwatch(scheduler);
    return storeLease(context, { owner, token }, lease.revision).pipe(
      map((revision) => (revision === undefined ? undefined : holdLease(context, { token, revision, age }))),
    );
  });

/**
 * Emits `undefined` while the lease is not free. When it is free, emits the lease and completes.
 *
 * A lease is free if it was released, if this watcher wrote it last, or if it has not changed for `duration` milliseconds.
 * This time is measured with the clock of this process, so that clocks of other processes do not matter.
 *
 * @param ownRevision - Revision of this watcher's last write; 0 without one.
 */
const waitUntilFree = (
  { watcherId, leases, duration, scheduler, unchangedFor = () => 0 }: LeaseContext,
  ownRevision: number,
): Observable<Lease | undefined> => {
  const isFree = (lease: Lease) => lease.owner === undefined || lease.revision === ownRevision;
  const reads$ = merge(leases.released$, unrefInterval(duration / READS, scheduler), of('now'));
  return reads$.pipe(
    switchMap(() => leases.get(watcherId)),
    map((lease) => lease ?? NO_LEASE),
    distinctUntilKeyChanged('revision'),
    switchMap((lease) => {
      const wait = duration - unchangedFor(lease.revision);
      if (isFree(lease) || wait <= 0) return of(lease);
      return unrefTimer(wait, scheduler).pipe(
        map(() => lease),
        startWith(undefined),
      );
    }),
    takeWhile((free) => free === undefined, true),
  );
};

/** Loop that acquires and renews the lease of one watcher, and reports its loss. */
export interface LeaseElector {
  /**
   * Held lease, or `undefined` while this process does not hold the lease. Emits the current value first, then each change.
   * While there are subscribers, the elector tries to acquire the lease. When the last subscriber unsubscribes, the elector
   * releases the lease.
   */
  readonly leases$: Observable<HeldLease | undefined>;
  /** Completes when the last release is stored. */
  readonly released$: Observable<never>;
}

export function createLeaseElector(context: LeaseContext): LeaseElector {
  const { duration, scheduler, onFailure, log } = context;
  let ownRevision = 0;
  let lastRelease$: Observable<never> = EMPTY;

  const release = (lease: HeldLease) => {
    if (lease.loss !== undefined) return;
    const released$ = new AsyncSubject<never>();
    lastRelease$ = released$;
    lease.release$
      .pipe(
        catchError((error) => {
          // A failed release needs no retry, because a lease that is not released expires after its duration.
          if (!(error instanceof StoreClosedError)) onFailure(error);
          return EMPTY;
        }),
        tap(() => log.leaseReleased(lease.token)),
        ignoreElements(),
      )
      .subscribe(released$);
  };
  /**
   * Acquires a free lease. If the subscriber unsubscribes while the write is pending, the write can still take effect. The
   * lease is then released, so that other processes do not have to wait until it expires.
   */
  const acquire = (free: Lease): Observable<HeldLease | undefined> =>
    new Observable((subscriber) => {
      tryAcquire(context, free).subscribe({
        next(lease) {
          if (!subscriber.closed) subscriber.next(lease);
          else if (lease !== undefined) release(lease);
        },
        error(error) {
          if (!subscriber.closed) subscriber.error(error);
          else if (!(error instanceof StoreClosedError)) onFailure(error);
        },
        complete: () => subscriber.complete(),
      });
    });
  const hold = (lease: HeldLease): Observable<HeldLease | undefined> => {
    log.leaseAcquired(lease.token);
    const renewed = lease.renew$.pipe(
      catchError((loss) => {
        ownRevision = lease.revision;
        onFailure(loss);
        log.leaseLost(loss);
        return of(undefined);
      }),
    );
    return concat(of(lease), renewed).pipe(finalize(() => release(lease)));
  };
  const leases$ = defer(() => concat(lastRelease$, waitUntilFree(context, ownRevision))).pipe(
    switchMap((lease) => (lease === undefined ? of(undefined) : acquire(lease))),
    retry({
      delay(error) {
        onFailure(error);
        return unrefTimer(duration / RETRIES, scheduler);
      },
    }),
    switchMap((lease) => (lease === undefined ? of(undefined) : hold(lease))),
    // Begin again after the loss of the lease, and after another process was faster and acquired the lease.
    repeat(),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return { leases$, released$: defer(() => lastRelease$) };
}
