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
import type { LeaseParts } from './lease-options.ts';

/** How often it looks at the lease in its duration. */
const LOOKS = 3;

/** A lease that may be taken. */
interface Vacancy {
  readonly lease: Lease | undefined;
}

/** Takes a lease, if it still is as it was; emits `undefined` if another was faster. */
const take = (parts: LeaseParts, lease: Lease | undefined): Observable<HeldLease | undefined> =>
  defer(() => {
    const { id, leases, owner, scheduler } = parts;
    const token = (lease?.token ?? 0) + 1;
    const age = stopwatch(scheduler);
    return from(leases.store(id, { owner, token }, lease?.revision ?? 0)).pipe(
      map((revision) => (revision === undefined ? undefined : holdLease(parts, { token, revision, age }))),
    );
  });

/**
 * Emits the lease as soon as it may be taken, and `undefined` before, if that is not at once.
 *
 * It may when it was given back, when it is still as this very watcher left it, and when nobody has written it for its
 * duration, by the clock of the one who looks: he needs to know nothing of the holder's.
 */
const vacancy = (
  { id, leases, duration, scheduler }: LeaseParts,
  ownRevision: number,
): Observable<Vacancy | undefined> => {
  const isFree = (lease: Lease | undefined) => lease?.owner === undefined || lease.revision === ownRevision;
  const looks$ = merge(leases.released$, unrefInterval(duration / LOOKS, scheduler), of('now'));
  return looks$.pipe(
    switchMap(() => leases.get(id)),
    distinctUntilChanged((before, now) => before?.revision === now?.revision),
    switchMap((lease): Observable<Vacancy | undefined> => {
      if (isFree(lease)) return of({ lease });
      const abandoned = unrefTimer(duration, scheduler).pipe(map(() => ({ lease })));
      return abandoned.pipe(startWith(undefined));
    }),
    takeWhile((vacant) => vacant === undefined, true),
  );
};

/**
 * Waits until it has the lease. Emits `undefined` while it has to wait, then the tenure, and completes.
 *
 * @param ownRevision - That which this watcher wrote last; 0 if it wrote none.
 */
const acquireLease = (parts: LeaseParts, ownRevision: number): Observable<HeldLease | undefined> =>
  vacancy(parts, ownRevision).pipe(
    switchMap((vacant) => {
      if (vacant === undefined) return of(undefined);
      const contended = concat(of(undefined), acquireLease(parts, ownRevision));
      return take(parts, vacant.lease).pipe(
        switchMap((tenure) => (tenure === undefined ? contended : of(tenure))),
      );
    }),
  );

/** How much of the duration passes before it tries again when the store failed. */
const RETRIES = 3;

/** The lease of one watcher, which is held as long as somebody wants it. */
export interface LeaseElector {
  /**
   * Emits the tenure while it has the lease, and `undefined` while it has not: the present one first, as soon as that is
   * decided. It holds, or waits for, the lease while it is subscribed to by anybody; then it gives it back.
   */
  readonly leases$: Observable<HeldLease | undefined>;
  /** Completes when what was given back last is given back. */
  readonly released$: Observable<never>;
}

/** Makes the keeper of a lease. */
export function createLeaseElector(parts: LeaseParts): LeaseElector {
  const { duration, scheduler, onFailure, log } = parts;
  let present: HeldLease | undefined;
  let ownRevision = 0;
  let givenBack$: Observable<never> = EMPTY;

  const giveBack = () => {
    const last = present;
    present = undefined;
    if (last === undefined) return;
    const done$ = new AsyncSubject<never>();
    givenBack$ = done$;
    last.release$
      .pipe(
        catchError((error) => {
          // It is over by itself then, a little later.
          if (!(error instanceof StoreClosedError)) onFailure(error);
          return EMPTY;
        }),
        tap(() => log.leaseGivenBack(last.token)),
        ignoreElements(),
      )
      .subscribe(done$);
  };
  const hold = (tenure: HeldLease): Observable<HeldLease | undefined> => {
    present = tenure;
    log.leaseAcquired(tenure.token);
    const kept = tenure.renew$.pipe(
      catchError((loss) => {
        present = undefined;
        ownRevision = tenure.revision;
        onFailure(loss);
        log.leaseLost(loss);
        return of(undefined);
      }),
    );
    return concat(of(tenure), kept);
  };
  const again = retry<HeldLease | undefined>({
    delay(error) {
      onFailure(error);
      return unrefTimer(duration / RETRIES, scheduler);
    },
  });
  const leases$ = defer(() => concat(givenBack$, acquireLease(parts, ownRevision))).pipe(
    again,
    switchMap((tenure) => (tenure === undefined ? of(undefined) : hold(tenure))),
    repeat(),
    finalize(giveBack),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return { leases$, released$: defer(() => givenBack$) };
}
