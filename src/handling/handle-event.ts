import type { Event } from '../event/event.ts';
import type { Work } from '../scheduling/step.ts';
import type { EventHandler } from './handler.ts';
import { eventCall } from './handler-call.ts';
import type { HandlingContext } from './handling-context.ts';
import { makeAttempts } from './make-attempts.ts';
import { handledOutcome, type Outcome, skippedOutcome } from './outcome.ts';

/** Handles one event, with retries, and emits its outcome. Emits nothing if the run ends during a backoff. */
export function handleEvent<E extends Event>(
  context: HandlingContext<E>,
  handler: EventHandler<E>,
  event: E,
): Work<Outcome<E>> {
  const target = { seqNum: event.seqNum, event };
  return makeAttempts(context, target, eventCall(handler, event), ({ attempts, began, error }) =>
    error === undefined
      ? context.handled([handledOutcome(event, attempts)])
      : context.giveUp(skippedOutcome(event, attempts, error), began),
  );
}
