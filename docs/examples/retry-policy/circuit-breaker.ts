/**
 * A retry strategy of one's own: a circuit breaker, for a handler that calls a service which may be down.
 *
 * A failure is tried again soon. After some failures in a row, of whatever events, the circuit is open: no event is
 * tried before the service had time to recover. An event that is itself at fault is skipped, and does not count.
 *
 * A strategy is given the attempt, a cold Observable: to subscribe to it is to call the handler.
 */
import type { RetryStrategy } from 'rx-watcher';
import { catchError, concat, defer, EMPTY, ignoreElements, retry, tap, throwError, timer } from 'rxjs';

export interface CircuitBreakerOptions {
  /** How many failures in a row open the circuit. */
  readonly failures: number;
  /** How long it stays open, in milliseconds. */
  readonly openFor: number;
  /** How long an event waits for its next attempt while the circuit is closed, in milliseconds. */
  readonly retryAfter: number;
  /** Whether the event is at fault, and not the service. */
  readonly isFaultOfEvent: (error: unknown) => boolean;
}

/** Makes one; it counts for one watcher, so give each watcher its own. */
export function circuitBreaker(options: CircuitBreakerOptions): RetryStrategy {
  const { failures, openFor, retryAfter, isFaultOfEvent } = options;
  let inARow = 0;
  let openUntil = 0;

  return (attempt, { scheduler }) => {
    const closed = defer(() => {
      const wait = openUntil - scheduler.now();
      return wait > 0 ? timer(wait, scheduler).pipe(ignoreElements()) : EMPTY;
    });
    const afterFailure = (error: unknown) => {
      if (isFaultOfEvent(error)) return throwError(() => error);
      inARow++;
      if (inARow >= failures) openUntil = scheduler.now() + openFor;
      return timer(retryAfter, scheduler);
    };
    return concat(closed, attempt).pipe(
      tap({
        complete() {
          inARow = 0;
        },
      }),
      retry({ delay: afterFailure }),
      catchError(() => EMPTY), // to complete without having handled the event is to skip it
    );
  };
}
