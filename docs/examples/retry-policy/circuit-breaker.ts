/**
 * A custom retry strategy: a circuit breaker, for a handler that calls a service.
 *
 * A failure is retried after a short delay. After several successive failures of any events, the circuit opens: no event
 * is attempted until the service has had time to recover. An event that can never be handled is skipped, and its failure
 * is not counted.
 *
 * A strategy receives the attempt as a cold Observable. Each subscription calls the handler.
 */
import type { RetryStrategy } from 'rx-watcher';
import { catchError, concat, defer, EMPTY, ignoreElements, retry, tap, throwError, timer } from 'rxjs';

export interface CircuitBreakerOptions {
  /** Number of successive failures that opens the circuit. */
  readonly failures: number;
  /** Time for which the circuit stays open, in milliseconds. */
  readonly openFor: number;
  /** Delay of the next attempt while the circuit is closed, in milliseconds. */
  readonly retryAfter: number;
  /** Returns whether the event caused the error, and not the service. */
  readonly isFaultOfEvent: (error: unknown) => boolean;
}

/** Creates the strategy of one watcher. Do not share it: it counts the failures of its watcher. */
export function circuitBreaker(options: CircuitBreakerOptions): RetryStrategy {
  const { failures, openFor, retryAfter, isFaultOfEvent } = options;
  let successiveFailures = 0;
  let openUntil = 0;

  return (attempt, { scheduler }) => {
    const closed = defer(() => {
      const wait = openUntil - scheduler.now();
      return wait > 0 ? timer(wait, scheduler).pipe(ignoreElements()) : EMPTY;
    });
    const afterFailure = (error: unknown) => {
      if (isFaultOfEvent(error)) return throwError(() => error);
      successiveFailures++;
      if (successiveFailures >= failures) openUntil = scheduler.now() + openFor;
      return timer(retryAfter, scheduler);
    };
    return concat(closed, attempt).pipe(
      tap({
        complete() {
          successiveFailures = 0;
        },
      }),
      retry({ delay: afterFailure }),
      catchError(() => EMPTY), // the attempt completes without a handled event, which skips the event
    );
  };
}
