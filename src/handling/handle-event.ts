import { type Observable, of, switchMap } from 'rxjs';
import type { Event } from '../event/event.ts';
import { attemptAtEvent } from './attempt-at.ts';
import type { EventHandler } from './event-handler.ts';
import type { HandlingContext } from './handling-context.ts';
import type { Outcome } from './outcome.ts';
import { pursue } from './pursue.ts';

/** Has one event handled, with retries, and emits the outcome; nothing, if the run ended while it waited to retry. */
export const handleEvent = <E extends Event>(
  context: HandlingContext<E>,
  handler: EventHandler<E>,
  event: E,
): Observable<Outcome<E>> => {
  const { seqNum } = event;
  return pursue(context, { seqNum, event }, attemptAtEvent(context, handler, event)).pipe(
    switchMap(({ attempts, began, error }) =>
      error === undefined
        ? of({ status: 'handled', seqNum, event, attempts } as const)
        : context.giveUp({ status: 'skipped', seqNum, event, attempts, error }, began),
    ),
  );
};
