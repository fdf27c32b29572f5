import { concat, defer, EMPTY, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import { handledOutcome, type Outcome } from '../../handling/outcome.ts';
import { runAttempts } from '../../handling/run-attempts.ts';
import { observableOf } from '../../scheduling/step.ts';
import { transactInRun } from '../transaction/transact-in-run.ts';
import { withAttempts } from '../transaction/with-attempts.ts';
import { readPage, type Undecodable, type WatchedPage } from './page-reader.ts';
import type { DeliveryContext } from './run-context.ts';

/**
 * Applies the retry strategy to an event that cannot be decoded, and only to this event.
 *
 * The failed read counts as the first attempt. Each further attempt reads the event again, and calls the handler if the
 * event can be decoded.
 */
export function handleUndecodable<E extends Event>(
  context: DeliveryContext<E>,
  from: EventIterator,
  error: Undecodable,
): Observable<Outcome<E>> {
  const { seqNum } = error;
  let event: E | undefined;

  const readAgain = defer(() => {
    let page: WatchedPage<E> | undefined;
    const onPage = (read: WatchedPage<E>) => {
      page = read;
    };
    const found = defer(() => {
      if (page?.undecodable !== undefined) throw page.undecodable;
      event = page?.events[0];
      return event === undefined ? EMPTY : of(event);
    });
    return concat(readPage(context, { from, limit: 1, maxWait: 0, onPage }), found);
  });
  const attempted = withAttempts(
    context,
    (handler, found: E, attempts) => transactInRun(context, handler, [found], attempts),
    (attemptAt) =>
      runAttempts(context, { seqNum }, (attempts) =>
        (attempts === 1 ? throwError(() => error) : readAgain).pipe(
          switchMap((found: E) => attemptAt(found, attempts)),
        ),
      ),
  );
  return attempted.pipe(
    switchMap(({ attempts, began, error: failure }): Observable<Outcome<E>> => {
      const found = event && { event };
      if (failure !== undefined) {
        return context.giveUp({ status: 'skipped', seqNum, attempts, error: failure, ...found }, began);
      }
      return event === undefined ? EMPTY : observableOf(context.handled([handledOutcome(event, attempts)]));
    }),
  );
}
