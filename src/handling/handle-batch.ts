import { catchError, EMPTY, from, type Observable, switchMap } from 'rxjs';
import type { Event } from '../event/event.ts';
import { pullLoop, type Step } from '../scheduling/pull-loop.ts';
import { createBatchAttempt } from './create-attempt.ts';
import type { BatchHandler } from './handler.ts';
import type { HandlingContext } from './handling-context.ts';
import type { Outcome } from './outcome.ts';
import { type AttemptsResult, runAttempts } from './run-attempts.ts';

/**
 * Handles a batch, with retries, and emits an outcome for each event.
 *
 * If the handler handles only the first events of a batch, the remaining events are delivered again as a smaller batch. If
 * a batch is given up, its events are delivered one by one, so that only events that fail alone are given up.
 */
export const handleBatch = <E extends Event>(
  context: HandlingContext<E>,
  handler: BatchHandler<E>,
  batch: readonly E[],
): Observable<Outcome<E>> => {
  const begin = () => {
    let remaining = batch;
    let isSplit = false;

    const handled = (events: readonly E[], lastHandledSeqNum: number, attempts: number) => {
      const handledEvents = events.filter(({ seqNum }) => seqNum <= lastHandledSeqNum);
      remaining = remaining.slice(handledEvents.length);
      return from(
        handledEvents.map((event) => ({ status: 'handled', seqNum: event.seqNum, event, attempts }) as const),
      );
    };
    const split = () => {
      isSplit = true;
      return EMPTY;
    };
    const givenUp = (events: readonly E[], { attempts, began, error }: Required<AttemptsResult>) => {
      if (events.length > 1) return split();
      const event = events[0] as E;
      remaining = remaining.slice(1);
      return context.giveUp({ status: 'skipped', seqNum: event.seqNum, event, attempts, error }, began);
    };
    const handle = (events: readonly E[]): Observable<Outcome<E>> => {
      const event = events[0] as E;
      let lastHandledSeqNum = 0;
      const attempt = createBatchAttempt(context, handler, events, (seqNum) => {
        lastHandledSeqNum = seqNum;
      });
      return runAttempts(context, { seqNum: event.seqNum, event }, attempt).pipe(
        // The watcher must stop at the event that fails alone, not at the first event of its batch.
        catchError((error) => {
          if (events.length === 1) throw error;
          return split();
        }),
        switchMap(({ attempts, began, error }) =>
          error === undefined
            ? handled(events, lastHandledSeqNum, attempts)
            : givenUp(events, { attempts, began, error }),
        ),
      );
    };
    return (): Step<Outcome<E>> => {
      if (remaining.length === 0 || context.ending.isSet) return undefined;
      return handle(isSplit ? remaining.slice(0, 1) : remaining);
    };
  };
  return pullLoop(begin, context.scheduler);
};
