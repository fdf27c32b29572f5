import { EMPTY, type Observable } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { handleBatch } from '../../handling/handle-batch.ts';
import { handleEvent } from '../../handling/handle-event.ts';
import type { BatchHandler, EventHandler } from '../../handling/handler.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { clockOf } from '../../scheduling/clock.ts';
import type { Step } from '../../scheduling/pull-loop.ts';
import type { RunContext } from './run-context.ts';

/** How events get from the page loop to the handler. */
export interface Dispatcher<E extends Event = Event> {
  /** Takes an event over; completes when the next one may be given. */
  deliver(event: E): Exclude<Step<Outcome<E>>, undefined>;
  /** Completes when nothing that was taken over is left to be done. */
  flush(): Observable<Outcome<E>>;
  /** How long, in milliseconds, what was taken over may wait for more to come. */
  maxWait(): number;
  /** What became of events that are done beside the page loop. */
  readonly concurrentOutcomes$: Observable<Outcome<E>>;
}

/** One event at a time: the next is given when the one before is done. */
export const sequential = <E extends Event>(
  context: RunContext<E>,
  handler: EventHandler<E>,
): Dispatcher<E> => ({
  deliver: (event) => handleEvent(context, handler, event),
  flush: () => EMPTY,
  maxWait: () => Number.POSITIVE_INFINITY,
  concurrentOutcomes$: EMPTY,
});

/** Several events at a time: as many as there are, up to `maxBatch`, or as come within `maxWait` of the first. */
export function batched<E extends Event>(
  context: RunContext<E>,
  batchHandler: BatchHandler<E>,
): Dispatcher<E> {
  const { options, scheduler, ending } = context;
  const size = Math.min(options.maxBatch, options.bufferSize);
  const clock = clockOf(scheduler);
  let gathered: E[] = [];
  let due = Number.POSITIVE_INFINITY;

  const handle = (): Observable<Outcome<E>> => {
    const batch = gathered;
    gathered = [];
    due = Number.POSITIVE_INFINITY;
    return batch.length === 0 || ending.isSet ? EMPTY : handleBatch(context, batchHandler, batch);
  };
  return {
    deliver(event) {
      if (gathered.length === 0) due = clock() + options.maxWait;
      gathered.push(event);
      return gathered.length < size ? EMPTY : handle();
    },
    flush: handle,
    maxWait: () => Math.max(0, due - clock()),
    concurrentOutcomes$: EMPTY,
  };
}
