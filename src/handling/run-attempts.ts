import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  NEVER,
  type Observable,
  of,
  Subject,
  switchMap,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { EventHandlingError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { observableFrom } from '../scheduling/observable-from.ts';
import type { HandlingContext } from './handling-context.ts';
import { type RetryContext, strategyOf } from './retry-strategy.ts';

/** Result of all attempts at one target. */
export interface AttemptsResult {
  /** Number of attempts, including those that were abandoned; 0 if a custom strategy made none. */
  readonly attempts: number;
  /** Start of the first attempt, in milliseconds since 1970. */
  readonly began: number;
  /** Error of the last attempt; missing if it succeeded. */
  readonly error?: EventHandlingError;
}

/** Attempt that began before the strategy was subscribed to. */
export interface FirstAttempt {
  /** Completes or errors with the attempt. */
  readonly ended$: Observable<never>;
  /** Start of the attempt, in milliseconds since 1970. */
  readonly began: number;
}

/** Event or batch that an attempt handles. */
export interface AttemptTarget<E extends Event> {
  /** Sequence number of the event, or of the first event of the batch; used in errors. */
  readonly seqNum: number;
  /** Event, or first event of the batch; missing if it could not be decoded. */
  readonly event?: E;
}

/**
 * Makes attempts as the retry strategy decides, and emits the result.
 *
 * At the end of the run, the attempt in flight continues until it settles, and a backoff ends immediately. A result is
 * then emitted only if the attempt in flight succeeds.
 *
 * @param target - Event or batch that is handled.
 * @param attempt - Makes the attempt with the given number, from 1. The Observable completes or errors.
 * @param first - First attempt, if it has already begun. The first subscription of the strategy observes this attempt
 *   instead of making a new one. It does so immediately, even if the run is ending.
 * @throws {@link EventHandlingError} if the strategy errors.
 */
export const runAttempts = <E extends Event>(
  context: HandlingContext<E>,
  target: AttemptTarget<E>,
  attempt: (attempts: number) => Observable<never>,
  first?: FirstAttempt,
): Observable<AttemptsResult> =>
  defer(() => {
    const { watcherId, options, scheduler, ending, turn, listener, cutOff } = context;
    const { seqNum } = target;
    const abandoned = cutOff.get(seqNum) ?? 0;
    cutOff.delete(seqNum);
    const attemptEnded$ = new Subject<void>();
    const began = first?.began ?? scheduler.now();
    let attempts = 0;
    let inFlight = first !== undefined;
    let handled = false;
    let isStopped = false;
    let failure: EventHandlingError | undefined;

    const failed = (cause: unknown) => {
      failure = new EventHandlingError(watcherId, seqNum, attempts, cause);
      listener.failed(failure);
    };
    /** Calls `options.retryIf`. Permits a retry if it throws, because a faulty predicate must not give an event up. */
    const retryIf = (error: unknown): boolean => {
      try {
        return options.retryIf(error);
      } catch (cause) {
        failed(cause);
        return true;
      }
    };
    const strategy =
      typeof options.retryStrategy === 'function'
        ? options.retryStrategy
        : strategyOf(options.retryStrategy, { ...options, retryIf, scheduler });
    const runAttempt = defer(() => {
      inFlight = true;
      handled = false;
      if (++attempts > 1) listener.retrying();
      if (attempts <= abandoned)
        return throwError(() => new Error('the attempt was aborted because the lease was lost'));
      return attempts === 1 && first !== undefined ? first.ended$ : attempt(attempts);
    }).pipe(
      tap({
        error: failed,
        complete: () => {
          handled = true;
        },
      }),
      // This function runs after the strategy has reacted to the end of the attempt. By then, the strategy has ended or
      // waits for a retry.
      finalize(() => {
        inFlight = false;
        attemptEnded$.next();
      }),
    );
    const stop$ = ending.set$.pipe(
      switchMap(() => (inFlight ? attemptEnded$ : of(undefined))),
      tap(() => {
        isStopped = true;
      }),
    );
    const retryContext: RetryContext<E> = { ...target, watcherId, scheduler };
    const delayedAttempt = turn(defer(() => (ending.isSet ? NEVER : runAttempt)));
    const next = defer(() => (first !== undefined && attempts === 0 ? runAttempt : delayedAttempt));
    const attempted = defer(() => observableFrom(strategy(next, retryContext))).pipe(
      ignoreElements(),
      // Throw here and not in `ended`. Otherwise, an attempt at another event could begin in the slot of this attempt before
      // the run fails.
      catchError((cause) => {
        const isPassedOn = failure !== undefined && Object.is(failure.cause, cause);
        throw isPassedOn ? failure : new EventHandlingError(watcherId, seqNum, attempts, cause);
      }),
      takeUntil(stop$),
    );
    const ended = defer((): Observable<AttemptsResult> => {
      // A custom strategy can abandon an attempt, for example by a timeout. `attempts` already includes this attempt, so
      // `cutOff` must not count it again.
      cutOff.delete(seqNum);
      if (handled) return of({ attempts, began });
      if (isStopped) return EMPTY;
      const givenUp = () =>
        new EventHandlingError(watcherId, seqNum, attempts, 'the retry strategy gave the event up');
      return of({ attempts, began, error: failure ?? givenUp() });
    });
    return concat(attempted, ended);
  });
