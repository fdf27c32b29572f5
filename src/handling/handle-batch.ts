import { EMPTY, type Observable } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Step, Work } from '../scheduling/step.ts';
import type { BatchHandler } from './handler.ts';
import { batchCall } from './handler-call.ts';
import type { HandlingContext } from './handling-context.ts';
import { makeAttempts } from './make-attempts.ts';
import { handledOutcome, type Outcome, skippedOutcome } from './outcome.ts';
import type { AttemptsResult } from './run-attempts.ts';

/**
 * Handles a batch, with retries. Returns a function that returns the next step, until all events are settled or the run
 * ends. The steps emit an outcome for each event.
 *
 * If the handler handles only the first events of a batch, the remaining events are delivered again as a smaller batch. If
 * a batch is given up, its events are delivered one by one, so that only events that fail alone are given up.
 */
export const handleBatch = <E extends Event>(
  context: HandlingContext<E>,
  handler: BatchHandler<E>,
  batch: readonly E[],
): (() => Step<Outcome<E>>) => {
  let remaining = batch;
  let isSplit = false;

  const split = () => {
    isSplit = true;
    return EMPTY;
  };
  const handled = (events: readonly E[], lastHandledSeqNum: number, attempts: number) => {
    const handledEvents =
      lastHandledSeqNum === Number.POSITIVE_INFINITY
        ? events
        : events.filter(({ seqNum }) => seqNum <= lastHandledSeqNum);
    remaining = remaining.slice(handledEvents.length);
    return context.handled(handledEvents.map((event) => handledOutcome(event, attempts)));
  };
  const givenUp = (
    events: readonly E[],
    { attempts, began, error }: Required<AttemptsResult>,
  ): Observable<Outcome<E>> => {
    if (events.length > 1) return split();
    const event = events[0] as E;
    remaining = remaining.slice(1);
    return context.giveUp(skippedOutcome(event, attempts, error), began);
  };
  const handle = (events: readonly E[]): Work<Outcome<E>> => {
    const event = events[0] as E;
    let lastHandledSeqNum = 0;
    const call = batchCall(handler, events, (seqNum) => {
      lastHandledSeqNum = seqNum;
    });
    return makeAttempts<E, Outcome<E>>(
      context,
      { seqNum: event.seqNum, event },
      call,
      ({ attempts, began, error }) =>
        error === undefined
          ? handled(events, lastHandledSeqNum, attempts)
          : givenUp(events, { attempts, began, error }),
      // Split a failed batch of several events instead of failing: the error must name the event that fails alone, not the
      // first event of the batch.
      events.length === 1 ? undefined : split,
    );
  };
  return () => {
    if (remaining.length === 0 || context.ending.isSet) return undefined;
    return handle(isSplit ? remaining.slice(0, 1) : remaining);
  };
};
