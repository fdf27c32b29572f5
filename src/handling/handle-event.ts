import type { Event } from '../event/event.ts';
import type { Work } from '../scheduling/step.ts';
import type { EventHandler } from './handler.ts';
import { eventCall } from './handler-call.ts';
import type { HandlingContext } from './handling-context.ts';
import { makeAttempts } from './make-attempts.ts';
import type { Outcome } from './outcome.ts';

/** Handles one event, with retries, and emits its outcome. Emits nothing if the run ends during a backoff. */
export function handleEvent<E extends Event>(
  context: HandlingContext<E>,
  handler: EventHandler<E>,
  event: E,
): Work<Outcome<E>> {
  const { seqNum } = event;
  return makeAttempts(context, { seqNum, event }, eventCall(handler, event), ({ attempts, began, error }) =>
    error === undefined
      ? context.handled([{ status: 'handled', seqNum, event, attempts }])
      : context.giveUp({ status: 'skipped', seqNum, event, attempts, error }, began),
  );
}
