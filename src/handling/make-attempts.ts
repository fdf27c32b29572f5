import { catchError, type Observable, switchMap, throwError } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Work } from '../scheduling/step.ts';
import { Attempt } from './attempt.ts';
import type { HandlerCall } from './handler-call.ts';
import type { HandlingContext } from './handling-context.ts';
import { type AttemptsResult, type AttemptTarget, type FirstAttempt, runAttempts } from './run-attempts.ts';

/** Outcomes of an event or a batch, after its last attempt. */
type Settled<T> = readonly T[] | Observable<T>;

/** Whether the first attempt can be a plain call: it may begin now, and no custom strategy decides when it begins. */
const isPlain = <E extends Event>(
  { options, mayBegin, cutOff }: HandlingContext<E>,
  seqNum: number,
): boolean => typeof options.retryStrategy === 'string' && !cutOff.has(seqNum) && mayBegin();

const rethrow = (error: unknown): Observable<never> => throwError(() => error);

/**
 * Makes attempts at an event or a batch, and returns the work that emits its outcomes. The work emits nothing if the run
 * ends during a backoff.
 *
 * If nothing delays the first attempt, the handler is called immediately, and operators are created only after a failure.
 * This saves time, because nearly all first attempts succeed.
 *
 * @param toOutcomes - Converts the result of all attempts.
 * @param onError - Returns the values to emit instead of an error of the retry strategy.
 */
export function makeAttempts<E extends Event, T>(
  context: HandlingContext<E>,
  target: AttemptTarget<E>,
  call: HandlerCall,
  toOutcomes: (result: AttemptsResult) => Settled<T>,
  onError: (error: unknown) => Observable<never> = rethrow,
): Work<T> {
  const retried = (first?: FirstAttempt): Observable<T> =>
    runAttempts(context, target, (attempts) => new Attempt(context, call, attempts).ended$, first).pipe(
      catchError(onError),
      switchMap(toOutcomes),
    );
  if (!isPlain(context, target.seqNum)) return retried();

  const attempt = new Attempt(context, call, 1);
  // Read the clock only if the time is needed: a read of the clock takes long compared with a fast synchronous handler.
  const began = attempt.isEnded && attempt.failure === undefined ? 0 : context.scheduler.now();
  const settle = (): Settled<T> =>
    attempt.failure === undefined
      ? toOutcomes({ attempts: 1, began })
      : retried({ ended$: attempt.ended$, began });
  if (attempt.isEnded) return settle();
  return {
    whenEnded: (onEnd) => attempt.whenEnded(() => onEnd(settle())),
    unsubscribe: () => attempt.cancel(),
  };
}
