import { EMPTY } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventHandler } from '../handling/event-handler.ts';
import { handleEvent } from '../handling/handle-event.ts';
import type { Delivery } from './delivery.ts';
import type { RunContext } from './run-context.ts';

/** One event at a time: the next is given when the one before is done. */
export const inTurn = <E extends Event>(context: RunContext<E>, handler: EventHandler<E>): Delivery<E> => ({
  deliver: (event) => handleEvent(context, handler, event),
  flush: () => EMPTY,
  patience: () => Number.POSITIVE_INFINITY,
  aside$: EMPTY,
});
