import {
  AsyncSubject,
  catchError,
  defer,
  EMPTY,
  exhaustMap,
  from,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  repeat,
  retry,
  Subject,
  switchMap,
  takeWhile,
  tap,
} from 'rxjs';
import type { NewLease } from '../../engine/contract/lease-table.ts';
import { LeaseLostError } from '../../errors.ts';
import { stopwatch } from '../../scheduling/clock.ts';
import { unrefInterval, unrefTimer } from '../../scheduling/unref-timers.ts';
import type { LeaseContext } from './lease-options.ts';

/** Number of renewals within one duration of the lease. */
const RENEWALS = 3;

/** Number of retries within one duration of the lease, if a renewal fails. */
const RETRIES = 12;

/**
 * Time after which a holder without a successful renewal stops its run, as a fraction of the duration of the lease. The rest
 * of the duration is a margin for clocks that run at different speeds.
 */
const RENEW_DEADLINE = 0.9;

/** Result of the write that acquired a lease. */
interface LeaseGrant {
  /** Fencing token of the lease. It increases with each grant. */
  readonly token: number;
  /** Revision of the lease after the write. */
  readonly revision: number;
  /** Returns the time since the write was sent, in milliseconds. */
  readonly age: () => number;
}

/** Lease that this process holds, from its acquisition to its loss or release. */
export interface HeldLease {
  /** Fencing token, which increases with each grant of the lease. */
  readonly token: number;
  /** Revision of the last write by this process. */
  readonly revision: number;
  /** Reason for the loss; `undefined` while the lease is held. */
  readonly loss: LeaseLostError | undefined;
  /**
   * Whether the lease is held and its renew deadline has not passed. Reads the clock, because the timer of the deadline can
   * be late.
   */
  isValid(): boolean;
  /**
   * Completes when the lease is valid. If the lease is not valid at the subscription, requests a renewal and completes after
   * that renewal.
   */
  readonly valid$: Observable<never>;
  /**
   * Marks the lease as lost, and ends `renew$` with `loss`. Called when the store has rejected a write because another
   * process holds the lease.
   */
  lose(loss: LeaseLostError): void;
  /** Renews the lease while this Observable has a subscriber. Errors with a `LeaseLostError` when the lease is lost. */
  readonly renew$: Observable<never>;
  /**
   * Releases the lease, so that another process can acquire it immediately. Emits whether this process still held the lease.
   */
  readonly release$: Observable<boolean>;
  /** Completes when no write of the lease is in flight. */
  readonly settled$: Observable<never>;
}

/**
 * Compare-and-set: stores the lease if its revision is still `revision`. Emits the new revision, or `undefined` if nothing
 * was stored.
 */
export function storeLease(
  { watcherId, leases }: LeaseContext,
  lease: NewLease,
  revision: number,
): Observable<number | undefined> {
  const result = leases.store(watcherId, lease, revision);
  return typeof result === 'object' ? from(result) : of(result);
}

/** Creates the held lease for a grant. Renewals begin when `renew$` is subscribed to. */
export function holdLease(context: LeaseContext, grant: LeaseGrant): HeldLease {
  const { watcherId, leases, scheduler, duration, owner, onFailure } = context;
  const { token } = grant;
  let { revision, age } = grant;
  let loss: LeaseLostError | undefined;
  /** Write of the lease that was started last: a renewal or the release. */
  let lastWrite$: Observable<unknown> = EMPTY;
  /** Returns the time since the last tick of the renewal timer, in milliseconds. A long time shows a blocked event loop. */
  let sinceTick = stopwatch(scheduler);
  const renewalRequested$ = new Subject<void>();
  const blocked$ = new Subject<void>();
  const renewed$ = new Subject<void>();
  const lost$ = new Subject<never>();

  const lossBecause = (reason: string) => new LeaseLostError(watcherId, token, reason);
  const renewDeadline = RENEW_DEADLINE * duration;
  const renewInterval = duration / RENEWALS;
  /** Time until the renew deadline, in milliseconds. */
  const remaining = () => renewDeadline - age();
  /** Time until the renew deadline, in milliseconds, but at least one renewal interval for the answer to a late renewal. */
  const untilAnswer = () => Math.max(remaining(), renewInterval);
  /** Emits if a renewal is due now: the last write took longer than the interval, or the event loop was blocked. */
  const due$ = defer(() => (age() < renewInterval ? EMPTY : of(undefined)));

  /** Writes the lease, and emits whether this process still holds it. An unsubscription does not cancel the write. */
  const write = (lease: NewLease): Observable<boolean> =>
    defer(() => {
      const sinceSent = stopwatch(scheduler);
      const written$ = new AsyncSubject<number | undefined>();
      const onWritten = (written: number | undefined): void => {
        if (written === undefined) return;
        revision = written;
        age = sinceSent;
      };
      lastWrite$ = written$;
      storeLease(context, lease, revision).pipe(tap(onWritten)).subscribe(written$);
      return written$.pipe(switchMap((written) => (written === undefined ? writeAgain(lease) : of(true))));
    });
  /**
   * Reads the lease. If this process still holds the lease, writes again with the current revision. An earlier write of this
   * process may have changed the revision although the response to that write was lost.
   */
  const writeAgain = (lease: NewLease): Observable<boolean> =>
    leases.get(watcherId).pipe(
      switchMap((current) => {
        if (current?.token !== token) return of(false);
        revision = current.revision;
        return write(lease);
      }),
    );

  const renewal = write({ owner, token }).pipe(
    retry({
      delay(error) {
        onFailure(error);
        return unrefTimer(duration / RETRIES, scheduler);
      },
    }),
    // Ticks during a renewal are ignored. After a slow renewal, the next one must not wait for another tick.
    repeat({ delay: () => due$ }),
  );
  const isValid = () => loss === undefined && remaining() > 0;
  const isTickOverdue = () => sinceTick() > renewInterval + duration / RETRIES;
  const tick = () => {
    const isLate = isTickOverdue();
    sinceTick = stopwatch(scheduler);
    if (isLate) blocked$.next();
  };
  const ticks$ = unrefInterval(renewInterval, scheduler).pipe(tap(tick));
  const renewals$ = merge(ticks$, renewalRequested$, due$).pipe(
    exhaustMap(() => renewal),
    tap((isHeld) => {
      if (!isHeld) throw lossBecause('it was granted to another process');
      renewed$.next();
    }),
    ignoreElements(),
  );
  // A process cannot renew while its event loop is blocked. After the block, the deadline can have passed although no other
  // process has taken the lease. The first tick then sends a renewal, which shows whether the lease is lost. The loss is
  // therefore reported only if this renewal does not succeed within one renewal interval.
  const waits$ = merge(
    merge(of('acquired'), blocked$).pipe(map(untilAnswer)),
    // If the process was suspended during a renewal, the deadline of the renewed lease can already have passed when the answer
    // arrives. Another renewal follows then, so wait for its answer.
    renewed$.pipe(map(() => (isValid() ? remaining() : untilAnswer()))),
  );
  const expiry$ = waits$.pipe(
    switchMap((wait) => unrefTimer(wait, scheduler)),
    map(() => {
      if (!isTickOverdue()) throw lossBecause('it was not renewed in time');
      // The event loop was blocked, and this timer comes before the overdue tick. Renew now, as that tick would.
      tick();
      renewalRequested$.next();
    }),
    ignoreElements(),
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
      const requestRenewal = defer(() => {
        renewalRequested$.next();
        return EMPTY;
      });
      return merge(renewed$.pipe(takeWhile(() => !isValid())), requestRenewal).pipe(ignoreElements());
    }),
    lose(reason) {
      loss = reason;
      lost$.error(reason);
    },
    // Set the loss before the error is emitted, because parts of the run that end with this error must not write any more.
    renew$: merge(renewals$, expiry$, lost$).pipe(
      tap({
        error(error) {
          loss ??= error;
        },
      }),
    ),
    release$: defer(() => write({ token })),
    settled$: defer(() => lastWrite$).pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    ),
  };
}
