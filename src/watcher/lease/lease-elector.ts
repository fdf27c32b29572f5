import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  distinctUntilKeyChanged,
  EMPTY,
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
import { coalescedReads } from '../../scheduling/coalesced-reads.ts';
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
const tryAcquire = (context: LeaseContext, lease: Lease): Observable<HeldLease | undefined> =>
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
 * @param ownRevision - Returns the revision of this watcher's last write; `undefined` without one.
 */
const waitUntilFree = (
  { watcherId, leases, duration, scheduler, unchangedFor = () => 0 }: LeaseContext,
  ownRevision: () => number | undefined,
): Observable<Lease | undefined> => {
  const isFree = (lease: Lease) => lease.owner === undefined || lease.revision === ownRevision();
  const requests$ = merge(leases.released$, unrefInterval(duration / READS, scheduler), of('now'));
  const read = defer(() => leases.get(watcherId));
  return coalescedReads(requests$, read).pipe(
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
  /** Completes when the last release is stored, and no write that acquires the lease is pending. */
  readonly released$: Observable<never>;
}

export function createLeaseElector(context: LeaseContext): LeaseElector {
  const { duration, scheduler, onFailure, log } = context;
  /** Lease that was acquired last. */
  let last: HeldLease | undefined;
  let lastRelease$: Observable<never> = EMPTY;

  /** Releases a lease, unless it is lost. A failure needs no retry, because a lease that is not released expires. */
  const release = (lease: HeldLease | undefined): Observable<unknown> => {
    if (lease === undefined || lease.loss !== undefined) return EMPTY;
    const onReleased = (isReleased: boolean) => {
      if (isReleased) log.leaseReleased(lease.token);
    };
    return lease.release$.pipe(tap(onReleased));
  };
  const hold = (lease: HeldLease): Observable<HeldLease | undefined> => {
    log.leaseAcquired(lease.token);
    const renewed = lease.renew$.pipe(
      catchError((loss) => {
        onFailure(loss);
        log.leaseLost(loss);
        // Wait for a renewal in flight, which can be stored after the loss. Without its revision, the elector would take the
        // stored lease for that of another process.
        return lease.settled$.pipe(startWith(undefined));
      }),
    );
    return concat(of(lease), renewed);
  };
  /**
   * Acquires and holds a free lease. Emits `undefined` if another process was faster, and after a loss. Then, or at the
   * unsubscription, releases the lease, even if the write that acquires it is still pending.
   */
  const acquire = (free: Lease): Observable<HeldLease | undefined> =>
    new Observable((subscriber) => {
      const acquired$ = new AsyncSubject<HeldLease | undefined>();
      let isPassedOn = false;
      const onAcquired = (lease: HeldLease | undefined) => {
        last = lease ?? last;
      };
      const onPassedOn = () => {
        isPassedOn = true;
      };
      tryAcquire(context, free).pipe(tap(onAcquired)).subscribe(acquired$);
      acquired$
        .pipe(
          tap({ error: onPassedOn }),
          switchMap((lease) => (lease === undefined ? of(undefined) : hold(lease))),
        )
        .subscribe(subscriber);
      const onError = (error: unknown): Observable<never> => {
        if (!isPassedOn && !(error instanceof StoreClosedError)) onFailure(error);
        return EMPTY;
      };
      return () => {
        const released$ = new AsyncSubject<never>();
        lastRelease$ = released$;
        acquired$.pipe(switchMap(release), catchError(onError), ignoreElements()).subscribe(released$);
      };
    });
  const leases$ = defer(() =>
    concat(
      lastRelease$,
      waitUntilFree(context, () => last?.revision),
    ),
  ).pipe(
    switchMap((lease) => (lease === undefined ? of(undefined) : acquire(lease))),
    retry({
      delay(error) {
        onFailure(error);
        return unrefTimer(duration / RETRIES, scheduler);
      },
    }),
    // Begin again after the loss of the lease, and after another process was faster and acquired the lease.
    repeat(),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return { leases$, released$: defer(() => lastRelease$) };
}
