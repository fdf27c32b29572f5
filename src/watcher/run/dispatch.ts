import { EMPTY, type Observable } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { handleBatch } from '../../handling/handle-batch.ts';
import { handleEvent } from '../../handling/handle-event.ts';
import type { BatchHandler, EventHandler } from '../../handling/handler.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { clockOf } from '../../scheduling/clock.ts';
import type { Step } from '../../scheduling/pull-loop.ts';
import type { RunContext } from './run-context.ts';

/** Part of a run that decides when an event is delivered to the handler. */
export interface Dispatcher<E extends Event = Event> {
  /** Accepts an event. The step completes when the next event can be accepted. */
  deliver(event: E): Exclude<Step<Outcome<E>>, undefined>;
  /** Delivers the events that wait, and completes when all accepted events are settled. */
  flush(): Observable<Outcome<E>>;
  /** Remaining time, in milliseconds, for which accepted events may wait for further events. */
  maxWait(): number;
  /** Outcomes of events that settle concurrently with the page loop. */
  readonly concurrentOutcomes$: Observable<Outcome<E>>;
}

/** Creates a dispatcher that delivers one event at a time: the next one when the event before is settled. */
export const sequential = <E extends Event>(
  context: RunContext<E>,
  handler: EventHandler<E>,
): Dispatcher<E> => ({
  deliver: (event) => handleEvent(context, handler, event),
  flush: () => EMPTY,
  maxWait: () => Number.POSITIVE_INFINITY,
  concurrentOutcomes$: EMPTY,
});

/** Creates a dispatcher that delivers batches of up to `maxBatch` events, at most `maxWait` after their first event. */
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
