import { catchError, EMPTY, from, type Observable, switchMap } from 'rxjs';
import type { Event } from '../event/event.ts';
import { pullLoop, type Step } from '../scheduling/pull-loop.ts';
import { createBatchAttempt } from './create-attempt.ts';
import type { BatchHandler } from './handler.ts';
import type { HandlingContext } from './handling-context.ts';
import type { Outcome } from './outcome.ts';
import { type AttemptsResult, runAttempts } from './run-attempts.ts';

/**
 * Has a batch handled, with retries, and emits an outcome for each event.
 *
 * What a handler says it has handled is done, and what follows is tried again alone. A batch that is given up is handed
 * over once more event by event, so that only those are left behind that fail by themselves.
 */
export const handleBatch = <E extends Event>(
  context: HandlingContext<E>,
  handler: BatchHandler<E>,
  batch: readonly E[],
): Observable<Outcome<E>> => {
  const begin = () => {
    let left = batch;
    let isSplit = false;

    const handled = (events: readonly E[], through: number, attempts: number) => {
      const done = events.filter(({ seqNum }) => seqNum <= through);
      left = left.slice(done.length);
      return from(
        done.map((event) => ({ status: 'handled', seqNum: event.seqNum, event, attempts }) as const),
      );
    };
    const split = () => {
      isSplit = true;
      return EMPTY;
    };
    const givenUp = (events: readonly E[], { attempts, began, error }: Required<AttemptsResult>) => {
      if (events.length > 1) return split();
      const event = events[0] as E;
      left = left.slice(1);
      return context.giveUp({ status: 'skipped', seqNum: event.seqNum, event, attempts, error }, began);
    };
    const handle = (events: readonly E[]): Observable<Outcome<E>> => {
      const event = events[0] as E;
      let through = 0;
      const attempt = createBatchAttempt(context, handler, events, (lastHandledSeqNum) => {
        through = lastHandledSeqNum;
      });
      return runAttempts(context, { seqNum: event.seqNum, event }, attempt).pipe(
        // The watcher is to stop at an event, not at others that only came together with it.
        catchError((error) => {
          if (events.length === 1) throw error;
          return split();
        }),
        switchMap(({ attempts, began, error }) =>
          error === undefined
            ? handled(events, through, attempts)
            : givenUp(events, { attempts, began, error }),
        ),
      );
    };
    return (): Step<Outcome<E>> => {
      if (left.length === 0 || context.ending.isSet) return undefined;
      return handle(isSplit ? left.slice(0, 1) : left);
    };
  };
  return pullLoop(begin, context.scheduler);
};
