import {
  defer,
  EMPTY,
  exhaustMap,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  retry,
  Subject,
  startWith,
  switchMap,
  takeWhile,
  tap,
} from 'rxjs';
import type { NewLease } from '../../engine/contract/lease-table.ts';
import { LeaseLostError } from '../../errors.ts';
import { stopwatch } from '../../scheduling/clock.ts';
import { unrefInterval, unrefTimer } from '../../scheduling/unref-timers.ts';
import type { LeaseParts } from './lease-options.ts';

/** How often a lease is renewed in its duration, and how much more often when that fails. */
const RENEWALS = 3;
const RETRIES = 12;

/** The part of the duration for which a holder trusts in a lease: the rest is for clocks that do not run equally fast. */
const RENEW_DEADLINE = 0.9;

/** What was won. */
interface Grant {
  /** The fencing token. */
  readonly token: number;
  /** That which the write of it was given. */
  readonly revision: number;
  /** How long ago that write was sent, in milliseconds. */
  readonly age: () => number;
}

/** One grant of a lease: from the moment at which it was won to that at which it is lost or given back. */
export interface HeldLease {
  /** The fencing token. */
  readonly token: number;
  /** The revision of the lease that it wrote last. */
  readonly revision: number;
  /** Why it is over; `undefined` while it lasts. */
  readonly loss: LeaseLostError | undefined;
  /** Whether it lasts for certain. False in a process that was held up for too long, before its timers have run. */
  isValid(): boolean;
  /** Completes when it lasts for certain: at once, or when a renewal, which is tried at once, has succeeded. */
  readonly valid$: Observable<never>;
  /** Ends it: it turned out that another has the lease. */
  lose(loss: LeaseLostError): void;
  /** Renews the lease, and errors with a `LeaseLostError` when it is lost. */
  readonly renew$: Observable<never>;
  /** Gives the lease back. */
  readonly release$: Observable<unknown>;
}

/** Makes a tenure of a grant. */
export function holdLease(
  { id, leases, scheduler, duration, owner, onFailure }: LeaseParts,
  grant: Grant,
): HeldLease {
  const { token } = grant;
  let { revision, age } = grant;
  let loss: LeaseLostError | undefined;
  /** How long ago the event loop was last known to run: at the last tick of the renewals. */
  let sinceTick = age;
  const doubt$ = new Subject<void>();
  const heldUp$ = new Subject<void>();
  const renewed$ = new Subject<void>();
  const lost$ = new Subject<never>();

  const lost = (reason: string) => new LeaseLostError(id, token, reason);
  const trusted = RENEW_DEADLINE * duration;
  /** How long it may still be trusted. */
  const rest = () => trusted - age();

  /** Writes the lease on, and emits whether it is still its own: a write of which it never heard may have moved it. */
  const write = (draft: NewLease): Observable<boolean> =>
    defer(() => {
      const sinceSent = stopwatch(scheduler);
      return from(leases.store(id, draft, revision)).pipe(
        switchMap((written) => {
          if (written === undefined) return writeOver(draft);
          revision = written;
          age = sinceSent;
          return of(true);
        }),
      );
    });
  const writeOver = (draft: NewLease): Observable<boolean> =>
    leases.get(id).pipe(
      switchMap((present) => {
        if (present?.token !== token) return of(false);
        revision = present.revision;
        return write(draft);
      }),
    );

  const renewed = write({ owner, token }).pipe(
    retry({
      delay(error) {
        onFailure(error);
        return unrefTimer(duration / RETRIES, scheduler);
      },
    }),
  );
  const isValid = () => loss === undefined && rest() > 0;
  const tick = () => {
    const isLate = sinceTick() > duration / RENEWALS + duration / RETRIES;
    sinceTick = stopwatch(scheduler);
    if (isLate) heldUp$.next();
  };
  const ticks$ = unrefInterval(duration / RENEWALS, scheduler).pipe(tap(tick));
  const renewals$ = merge(ticks$, doubt$).pipe(
    exhaustMap(() => renewed),
    tap((isOwn) => {
      if (!isOwn) throw lost('it was granted to another');
      renewed$.next();
    }),
    ignoreElements(),
  );
  // A process that was held up has sent no renewal: it has until the next tick to find out whether its lease was taken.
  const expiry$ = merge(renewed$.pipe(map(rest)), heldUp$.pipe(map(() => duration / RENEWALS))).pipe(
    startWith(rest()),
    switchMap((wait) => unrefTimer(wait, scheduler)),
    map(() => {
      throw lost('it could not be renewed in time');
    }),
  );
  return {
    token,
    get revision() {
      return revision;
    },
    get loss() {
      return loss;
    },
    isValid,
    valid$: defer(() => {
      if (isValid()) return EMPTY;
      const renew = defer(() => {
        doubt$.next();
        return EMPTY;
      });
      return merge(renewed$.pipe(takeWhile(() => !isValid())), renew).pipe(ignoreElements());
    }),
    lose(reason) {
      loss = reason;
      lost$.error(reason);
    },
    // Known before anybody hears of it: whatever ends because of that writes nothing any more.
    renew$: merge(renewals$, expiry$, lost$).pipe(
      tap({
        error(error) {
          loss ??= error;
        },
      }),
    ),
    release$: defer(() => write({ token })),
  };
}
