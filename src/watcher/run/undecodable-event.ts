import { concatMap, defer, EMPTY, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import { createAttempt } from '../../handling/create-attempt.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { runAttempts } from '../../handling/run-attempts.ts';
import { readPage, type Undecodable } from './page-reader.ts';
import type { RunContext } from './run-context.ts';

/**
 * Applies the retry strategy to an event that cannot be decoded, and only to this event.
 *
 * The failed read counts as the first attempt. Each further attempt reads the event again, and calls the handler if the
 * event can be decoded.
 */
export function handleUndecodable<E extends Event>(
  context: RunContext<E>,
  from: EventIterator,
  error: Undecodable,
): Observable<Outcome<E>> {
  const { seqNum } = error;
  let event: E | undefined;

  const readAgain = defer(() =>
    readPage(context, { from: () => from, limit: 1, maxWait: 0 }).pipe(
      concatMap(({ events: [found], undecodable }) => {
        if (undecodable !== undefined) return throwError(() => undecodable);
        event = found;
        return found === undefined ? EMPTY : of(found);
      }),
    ),
  );
  const attempt = (attempts: number): Observable<never> =>
    (attempts === 1 ? throwError(() => error) : readAgain).pipe(
      switchMap((found: E) => createAttempt(context, context.handler, found)(attempts)),
    );
  return runAttempts(context, { seqNum }, attempt).pipe(
    switchMap(({ attempts, began, error: failure }): Observable<Outcome<E>> => {
      const found = event && { event };
      if (failure !== undefined) {
        return context.giveUp({ status: 'skipped', seqNum, attempts, error: failure, ...found }, began);
      }
      return event === undefined ? EMPTY : of({ status: 'handled', seqNum, event, attempts });
    }),
  );
}
