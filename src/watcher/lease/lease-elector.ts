import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
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
import { type HeldLease, holdLease } from './held-lease.ts';
import type { LeaseContext } from './lease-options.ts';

/** Number of reads of a lease per duration, while another process holds it. */
const READS = 3;

/** Number of retries per duration after a failure of the store. */
const RETRIES = 3;

/** Lease that can be acquired; `undefined` if none is stored. */
interface FreeLease {
  readonly lease: Lease | undefined;
}

/** Acquires a lease if its revision has not changed. Emits `undefined` if the revision has changed. */
const tryAcquire = (context: LeaseContext, lease: Lease | undefined): Observable<HeldLease | undefined> =>
  defer(() => {
    const { watcherId, leases, owner, scheduler } = context;
    const token = (lease?.token ?? 0) + 1;
    const age = stopwatch(scheduler);
    return from(leases.store(watcherId, { owner, token }, lease?.revision ?? 0)).pipe(
      map((revision) => (revision === undefined ? undefined : holdLease(context, { token, revision, age }))),
    );
  });

/**
 * Emits the lease when it is free. Before that, emits `undefined` while the lease is not free.
 *
 * A lease is free if it was released, if this watcher wrote it last, or if it has not changed for its duration. The duration
 * is measured with the clock of this process, so that clocks of other processes do not matter.
 *
 * @param ownRevision - Revision of this watcher's last write.
 */
const waitUntilFree = (
  { watcherId, leases, duration, scheduler }: LeaseContext,
  ownRevision: number,
): Observable<FreeLease | undefined> => {
  const isFree = (lease: Lease | undefined) => lease?.owner === undefined || lease.revision === ownRevision;
  const reads$ = merge(leases.released$, unrefInterval(duration / READS, scheduler), of('now'));
  return reads$.pipe(
    switchMap(() => leases.get(watcherId)),
    distinctUntilChanged((before, now) => before?.revision === now?.revision),
    switchMap((lease): Observable<FreeLease | undefined> => {
      if (isFree(lease)) return of({ lease });
      const abandoned = unrefTimer(duration, scheduler).pipe(map(() => ({ lease })));
      return abandoned.pipe(startWith(undefined));
    }),
    takeWhile((free) => free === undefined, true),
  );
};

/**
 * Acquires the lease, and completes with the held lease. Emits `undefined` while another process holds the lease.
 *
 * @param ownRevision - Revision of this watcher's last write; 0 without one.
 */
const acquireLease = (context: LeaseContext, ownRevision: number): Observable<HeldLease | undefined> =>
  waitUntilFree(context, ownRevision).pipe(
    switchMap((free) => {
      if (free === undefined) return of(undefined);
      const contended = concat(of(undefined), acquireLease(context, ownRevision));
      return tryAcquire(context, free.lease).pipe(
        switchMap((lease) => (lease === undefined ? contended : of(lease))),
      );
    }),
  );

/** Loop that acquires and renews the lease of one watcher, and reports its loss. */
export interface LeaseElector {
  /**
   * Emits the held lease after each acquisition, and `undefined` after its loss and while another process holds it. The
   * current value is emitted first. The lease is acquired while there are subscribers, and released after the last one.
   */
  readonly leases$: Observable<HeldLease | undefined>;
  /** Completes when the last release is stored. */
  readonly released$: Observable<never>;
}

/** Creates the elector of a lease. */
export function createLeaseElector(context: LeaseContext): LeaseElector {
  const { duration, scheduler, onFailure, log } = context;
  let held: HeldLease | undefined;
  let ownRevision = 0;
  let lastRelease$: Observable<never> = EMPTY;

  const release = () => {
    const last = held;
    held = undefined;
    if (last === undefined) return;
    const released$ = new AsyncSubject<never>();
    lastRelease$ = released$;
    last.release$
      .pipe(
        catchError((error) => {
          // A failed release needs no retry, because a lease that is not released expires after its duration.
          if (!(error instanceof StoreClosedError)) onFailure(error);
          return EMPTY;
        }),
        tap(() => log.leaseReleased(last.token)),
        ignoreElements(),
      )
      .subscribe(released$);
  };
  const hold = (lease: HeldLease): Observable<HeldLease | undefined> => {
    held = lease;
    log.leaseAcquired(lease.token);
    const renewed = lease.renew$.pipe(
      catchError((loss) => {
        held = undefined;
        ownRevision = lease.revision;
        onFailure(loss);
        log.leaseLost(loss);
        return of(undefined);
      }),
    );
    return concat(of(lease), renewed);
  };
  const leases$ = defer(() => concat(lastRelease$, acquireLease(context, ownRevision))).pipe(
    retry({
      delay(error) {
        onFailure(error);
        return unrefTimer(duration / RETRIES, scheduler);
      },
    }),
    switchMap((lease) => (lease === undefined ? of(undefined) : hold(lease))),
    repeat(),
    finalize(release),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return { leases$, released$: defer(() => lastRelease$) };
}
