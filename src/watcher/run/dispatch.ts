import type { Event } from '../../event/event.ts';
import { handleEvent } from '../../handling/handle-event.ts';
import type { EventHandler } from '../../handling/handler.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { clockOf } from '../../scheduling/clock.ts';
import type { Step, Work } from '../../scheduling/step.ts';
import type { DeliveryContext } from './run-context.ts';

/** Part of a run that decides when an event is delivered to the handler. */
export interface Dispatcher<E extends Event = Event> {
  /** Accepts an event. Returns its work, which is empty while the event waits in a batch or a queue. */
  deliver(event: E): Work<Outcome<E>>;
  /** Returns the next step that must end before another event is accepted; `undefined` if one can be accepted now. */
  next(): Step<Outcome<E>>;
  /** Returns the next step that must end before all accepted events are settled; `undefined` if all of them are settled. */
  flush(): Step<Outcome<E>>;
  /** Remaining time, in milliseconds, for which accepted events may wait for further events. */
  maxWait(): number;
}

/** Dispatcher that delivers an event only after the previous event is settled. */
export class Sequential<E extends Event> implements Dispatcher<E> {
  readonly #context: DeliveryContext<E>;
  readonly #handler: EventHandler<E>;

  constructor(context: DeliveryContext<E>, handler: EventHandler<E>) {
    this.#context = context;
    this.#handler = handler;
  }

  deliver(event: E): Work<Outcome<E>> {
    return handleEvent(this.#context, this.#handler, event);
  }

  next(): undefined {}
  flush(): undefined {}
  maxWait(): number {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * Creates a dispatcher that delivers batches of up to `maxBatch` events. A batch is delivered at most `maxWait` milliseconds
 * after its first event.
 *
 * @param handle - Starts the handling of a batch. Returns a function that returns the next step of the batch.
 */
export function batched<E extends Event>(
  context: DeliveryContext<E>,
  handle: (batch: readonly E[]) => () => Step<Outcome<E>>,
): Dispatcher<E> {
  const { options, scheduler, ending } = context;
  const size = Math.min(options.maxBatch, options.bufferSize);
  const clock = clockOf(scheduler);
  let gathered: E[] = [];
  let due = Number.POSITIVE_INFINITY;
  /** Returns the next step of the batch that is being handled. */
  let next: () => Step<Outcome<E>> = () => undefined;

  const flush = (): Step<Outcome<E>> => {
    const step = next();
    if (step !== undefined || gathered.length === 0 || ending.isSet) return step;
    next = handle(gathered);
    gathered = [];
    due = Number.POSITIVE_INFINITY;
    return next();
  };
  return {
    deliver(event) {
      if (gathered.length === 0) due = clock() + options.maxWait;
      gathered.push(event);
      return (gathered.length < size ? undefined : flush()) ?? [];
    },
    next: () => next(),
    flush,
    maxWait: () => Math.max(0, due - clock()),
  };
}
