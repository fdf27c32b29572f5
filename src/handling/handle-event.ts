import { catchError, endWith, ignoreElements, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Step } from '../scheduling/pull-loop.ts';
import { Attempt } from './attempt.ts';
import { createEventAttempt, type MakeAttempt } from './create-attempt.ts';
import type { EventHandler } from './handler.ts';
import type { HandlingContext } from './handling-context.ts';
import type { Outcome } from './outcome.ts';
import { runAttempts } from './run-attempts.ts';

/** Runs the attempts at an event and emits its outcome. Emits nothing if the run ends during a backoff. */
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

/**
 * Makes the first attempt synchronously. Returns `undefined` if the attempt has succeeded, otherwise the rest of the
 * attempt.
 */
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

/** Whether the first attempt can be a plain call: it may begin now, has no timeout and no custom strategy. */
const isPlain = <E extends Event>({ options, mayBegin, cutOff }: HandlingContext<E>): boolean =>
  cutOff.size === 0 &&
  typeof options.retryStrategy === 'string' &&
  options.handlerTimeout === Number.POSITIVE_INFINITY &&
  mayBegin();

/**
 * Handles one event, with retries, and emits its outcome. Emits nothing if the run ends during a backoff.
 *
 * Nearly all first attempts succeed. If nothing delays or limits the first attempt, the handler is called immediately, and
 * the operators for retries are created only after a failure.
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
  // Read the clock only if a retry may need the time, because reading it is slow compared with a synchronous attempt.
  const begun = context.scheduler.now();
  return first.pipe(
    endWith(handled),
    catchError((error) => {
      const failed = throwError(() => error);
      const retry = createEventAttempt(context, handler, event);
      return toOutcome(context, event, (attempts) => (attempts === 1 ? failed : retry(attempts)), begun);
    }),
  );
}
