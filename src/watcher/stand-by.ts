import {
  concat,
  defer,
  distinctUntilChanged,
  EMPTY,
  from,
  map,
  merge,
  type Observable,
  of,
  startWith,
  switchMap,
  takeWhile,
} from 'rxjs';
import { backgroundInterval } from '../flow/background-interval.ts';
import { backgroundTimer } from '../flow/background-timer.ts';
import { stopwatch } from '../flow/clock-of.ts';
import type { Lease } from '../store/lease-log.ts';
import type { LeaseParts } from './lease-options.ts';
import { createTenure, type Tenure } from './tenure.ts';

/** How often it looks at the lease in its duration. */
const LOOKS = 3;

/** A lease that may be taken. */
interface Vacancy {
  readonly lease: Lease | undefined;
}

/** Takes a lease, if it still is as it was; emits `undefined` if another was faster. */
const take = (parts: LeaseParts, lease: Lease | undefined): Observable<Tenure | undefined> =>
  defer(() => {
    const { id, store, owner, scheduler } = parts;
    const token = (lease?.token ?? 0) + 1;
    const age = stopwatch(scheduler);
    return from(store.storeLease(id, { owner, token }, lease?.revision ?? 0)).pipe(
      map((revision) => (revision === undefined ? undefined : createTenure(parts, { token, revision, age }))),
    );
  });

/**
 * Emits the lease as soon as it may be taken, and `undefined` before, if that is not at once.
 *
 * It may when it was given back, when it is still as this very watcher left it, and when nobody has written it for its
 * duration, by the clock of the one who looks: he needs to know nothing of the holder's.
 */
const vacancy = (
  { id, store, duration, scheduler }: LeaseParts,
  ownRevision: number,
): Observable<Vacancy | undefined> => {
  const isFree = (lease: Lease | undefined) => lease?.owner === undefined || lease.revision === ownRevision;
  const looks$ = merge(
    store.leaseReleased$ ?? EMPTY,
    backgroundInterval(duration / LOOKS, scheduler),
    of('now'),
  );
  return looks$.pipe(
    switchMap(() => store.getLease(id)),
    distinctUntilChanged((before, now) => before?.revision === now?.revision),
    switchMap((lease): Observable<Vacancy | undefined> => {
      if (isFree(lease)) return of({ lease });
      const abandoned = backgroundTimer(duration, scheduler).pipe(map(() => ({ lease })));
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
export const standBy = (parts: LeaseParts, ownRevision: number): Observable<Tenure | undefined> =>
  vacancy(parts, ownRevision).pipe(
    switchMap((vacant) => {
      if (vacant === undefined) return of(undefined);
      const contended = concat(of(undefined), standBy(parts, ownRevision));
      return take(parts, vacant.lease).pipe(
        switchMap((tenure) => (tenure === undefined ? contended : of(tenure))),
      );
    }),
  );
