import { catchError, endWith, ignoreElements, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Step } from '../scheduling/pull-loop.ts';
import { Attempt } from './attempt.ts';
import { createEventAttempt, type MakeAttempt } from './create-attempt.ts';
import type { EventHandler } from './handler.ts';
import type { HandlingContext } from './handling-context.ts';
import type { Outcome } from './outcome.ts';
import { runAttempts } from './run-attempts.ts';

/** Pursues an event to its outcome; to nothing, if the run ends while it waits to try again. */
const toOutcome = <E extends Event>(
  context: HandlingContext<E>,
  event: E,
  attempt: MakeAttempt,
  begun?: number,
): Observable<Outcome<E>> => {
  const { seqNum } = event;
  return runAttempts(context, { seqNum, event }, attempt, begun).pipe(
    switchMap(({ attempts, began, error }) =>
      error === undefined
        ? of({ status: 'handled', seqNum, event, attempts } as const)
        : context.giveUp({ status: 'skipped', seqNum, event, attempts, error }, began),
    ),
  );
};

/** Makes the first attempt at this very moment; `undefined` if it is done, what is left of it if not. */
function attemptSync<E extends Event>(
  { watcherId, listener }: HandlingContext<E>,
  handler: EventHandler<E>,
  event: E,
): Observable<never> | undefined {
  const attempt = new Attempt(watcherId, event.seqNum, 1, listener);
  try {
    if (attempt.call(handler, event, event.seqNum)) return undefined;
    return attempt.rest$.pipe(ignoreElements());
  } catch (error) {
    return throwError(() => error);
  }
}

/** Whether the first attempt may be made without more ado: nothing waits, nothing times it, no strategy delays it. */
const isPlain = <E extends Event>({ options, mayBegin, cutOff }: HandlingContext<E>): boolean =>
  cutOff.size === 0 &&
  typeof options.retryStrategy === 'string' &&
  options.handlerTimeout === Number.POSITIVE_INFINITY &&
  mayBegin();

/**
 * Has one event handled, with retries, and tells the outcome; nothing, if the run ends while it waits to try again.
 *
 * Nearly all attempts are first ones that succeed. Where nothing stands in the way such a one costs next to nothing:
 * the handler is called at once, and what retries it is made only when it has failed.
 */
export function handleEvent<E extends Event>(
  context: HandlingContext<E>,
  handler: EventHandler<E>,
  event: E,
): Exclude<Step<Outcome<E>>, undefined> {
  if (!isPlain(context)) return toOutcome(context, event, createEventAttempt(context, handler, event));

  const handled: Outcome<E> = { status: 'handled', seqNum: event.seqNum, event, attempts: 1 };
  const first = attemptSync(context, handler, event);
  if (first === undefined) return [handled];
  const begun = context.scheduler.now(); // The clock is dear beside such an attempt: only where it may be asked for.
  return first.pipe(
    endWith(handled),
    catchError((error) => {
      const failed = throwError(() => error);
      const again = createEventAttempt(context, handler, event);
      return toOutcome(context, event, (attempts) => (attempts === 1 ? failed : again(attempts)), begun);
    }),
  );
}
