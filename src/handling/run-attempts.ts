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
  timeout,
} from 'rxjs';
import { EventHandlingError, TimeoutError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { observableFrom } from '../scheduling/observable-from.ts';
import type { HandlingContext } from './handling-context.ts';
import { type RetryContext, strategyOf } from './retry-strategy.ts';

/** How a pursuit ended. */
export interface AttemptsResult {
  /** How many attempts were made. */
  readonly attempts: number;
  /** When the first was made, in milliseconds since 1970. */
  readonly began: number;
  /** Why the last one failed; missing if it did not. */
  readonly error?: EventHandlingError;
}

/** What is pursued: an event, or several, the first of which gives the name. */
export interface AttemptTarget<E extends Event> {
  /** The number that errors name. */
  readonly seqNum: number;
  /** The event; missing if it could not be decoded. */
  readonly event?: E;
}

/** Fails an attempt that takes too long. */
const inTime = <E extends Event>({ watcherId, options, scheduler }: HandlingContext<E>, seqNum: number) => {
  const { handlerTimeout } = options;
  if (handlerTimeout === Number.POSITIVE_INFINITY) return (attempt: Observable<never>) => attempt;
  const what = `the handling of event ${seqNum} by watcher '${watcherId}'`;
  const late = () => throwError(() => new TimeoutError(what, handlerTimeout));
  return timeout<never, Observable<never>>({ first: handlerTimeout, with: late, scheduler });
};

/**
 * Makes one attempt after another, as the retry strategy says, and emits how that ended.
 *
 * The end of the run lets the attempt in flight finish, and ends a wait for the next one: then nothing is emitted,
 * unless it was handled.
 *
 * @param attempt - Makes one attempt; it completes or errors. It is given its number, from 1.
 * @param begun - When the first attempt was begun, if it was: then it waits for no turn, and no end prevents it.
 * @throws EventHandlingError if the strategy errors.
 */
export const runAttempts = <E extends Event>(
  context: HandlingContext<E>,
  quarry: AttemptTarget<E>,
  attempt: (attempts: number) => Observable<never>,
  begun?: number,
): Observable<AttemptsResult> =>
  defer(() => {
    const { watcherId, options, scheduler, ending, turn, listener, cutOff } = context;
    const { seqNum } = quarry;
    const lost = cutOff.get(seqNum) ?? 0;
    cutOff.delete(seqNum);
    const landed$ = new Subject<void>();
    const began = begun ?? scheduler.now();
    let attempts = 0;
    let inFlight = begun !== undefined;
    let handled = false;
    let isCut = false;
    let failure: EventHandlingError | undefined;

    const failed = (cause: unknown) => {
      failure = new EventHandlingError(watcherId, seqNum, attempts, cause);
      listener.failed(failure);
    };
    /** An error that cannot be judged is worth a retry: the strategy decides about the event, not a faulty predicate. */
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
    const launch = defer(() => {
      inFlight = true;
      handled = false;
      if (++attempts > 1) listener.retrying();
      if (attempts <= lost) return throwError(() => new Error('the attempt was cut off: the lease was lost'));
      return attempt(attempts).pipe(inTime(context, seqNum));
    }).pipe(
      tap({
        error: failed,
        complete: () => {
          handled = true;
        },
      }),
      // Behind what the strategy has made of it: by then either it is done, or it waits.
      finalize(() => {
        inFlight = false;
        landed$.next();
      }),
    );
    const cut$ = ending.set$.pipe(
      switchMap(() => (inFlight ? landed$ : of(undefined))),
      tap(() => {
        isCut = true;
      }),
    );
    const about: RetryContext<E> = { ...quarry, watcherId, scheduler };
    const inTurn = turn(defer(() => (ending.isSet ? NEVER : launch)));
    const next = defer(() => (begun !== undefined && attempts === 0 ? launch : inTurn));
    const tried = defer(() => observableFrom(strategy(next, about))).pipe(
      ignoreElements(),
      // Thrown, so that it is passed on before its place among the attempts in flight is given to another.
      catchError((cause) => {
        const isPassedOn = failure !== undefined && Object.is(failure.cause, cause);
        throw isPassedOn ? failure : new EventHandlingError(watcherId, seqNum, attempts, cause);
      }),
      takeUntil(cut$),
    );
    const ended = defer((): Observable<AttemptsResult> => {
      // An attempt that took too long, or that the strategy cut off, was counted here.
      cutOff.delete(seqNum);
      if (handled) return of({ attempts, began });
      if (isCut) return EMPTY;
      const none = () => new EventHandlingError(watcherId, seqNum, attempts, 'the retry strategy gave it up');
      return of({ attempts, began, error: failure ?? none() });
    });
    return concat(tried, ended);
  });
