import { EMPTY, type Observable } from 'rxjs';
import type { Event } from '../event/event.ts';
import { clockOf } from '../flow/clock-of.ts';
import type { BatchHandler } from '../handling/event-handler.ts';
import { handleBatch } from '../handling/handle-batch.ts';
import type { Outcome } from '../handling/outcome.ts';
import type { Delivery } from './delivery.ts';
import type { RunContext } from './run-context.ts';

/** Several events at a time: as many as there are, up to `maxBatch`, or as come within `maxWait` of the first. */
export function inBatches<E extends Event>(
  context: RunContext<E>,
  batchHandler: BatchHandler<E>,
): Delivery<E> {
  const { options, scheduler, ending } = context;
  const size = Math.min(options.maxBatch, options.bufferSize);
  const clock = clockOf(scheduler);
  let gathered: E[] = [];
  let due = Number.POSITIVE_INFINITY;

  const handle = (): Observable<Outcome<E>> => {
    const batch = gathered;
    gathered = [];
    due = Number.POSITIVE_INFINITY;
    return batch.length === 0 || ending.isGiven ? EMPTY : handleBatch(context, batchHandler, batch);
  };
  return {
    deliver(event) {
      if (gathered.length === 0) due = clock() + options.maxWait;
      gathered.push(event);
      return gathered.length < size ? EMPTY : handle();
    },
    flush: handle,
    patience: () => Math.max(0, due - clock()),
    aside$: EMPTY,
  };
}
