import { catchError, defer, endWith, type Observable, of, tap } from 'rxjs';
import { EventHandlingError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { Attempt } from './attempt.ts';
import type { Outcome } from './outcome.ts';
import { type RunContext, tryAgain } from './run-context.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';

/** Whether the retry strategy gives an event up after this many failures. */
export const givesUp = (
  { retryStrategy, maxRetries }: Pick<ResolvedWatchOptions, 'retryStrategy' | 'maxRetries'>,
  failures: number,
): boolean => retryStrategy === 'skip' && failures > maxRetries;

/** Has one event handled, with retries, and tells the outcome; nothing, if a stop came while it waited to retry. */
export function handleEvent<E extends Event>(context: RunContext<E>, event: E): Observable<Outcome<E>> {
  const { watcherId, options, handler, monitor } = context;
  const { seqNum } = event;
  const settled = () => monitor.settled();
  let attempts = 0;
  let lastError: EventHandlingError | undefined;

  const attempt = defer(() => {
    const current = new Attempt(watcherId, ++attempts);
    monitor.attempting(current, event);
    return current.run(handler, event).pipe(
      // Before anybody hears of it: what follows, the next attempt above all, is no part of this one.
      tap({ error: settled, complete: settled, unsubscribe: settled }),
      endWith({ status: 'handled', seqNum, event, attempts } satisfies Outcome<E>),
    );
  });
  return attempt.pipe(
    tryAgain<Outcome<E>>(context, (cause, failures) => {
      lastError = new EventHandlingError(watcherId, seqNum, failures, cause);
      monitor.failed(lastError);
      const isLast = givesUp(options, failures);
      if (!isLast) monitor.retrying();
      return isLast;
    }),
    catchError(() =>
      of({ status: 'skipped', seqNum, event, attempts, error: lastError as EventHandlingError } as const),
    ),
  );
}
