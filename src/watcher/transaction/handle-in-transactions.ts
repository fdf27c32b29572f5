import { type Observable, of, Subscription, switchMap, takeUntil, throwError } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { TransactionHandler } from '../../handling/handler.ts';
import { handledOutcome, type Outcome, skippedOutcome } from '../../handling/outcome.ts';
import { type AttemptsResult, runAttempts } from '../../handling/run-attempts.ts';
import { observableOf, type PendingStep, type Step, type Work } from '../../scheduling/step.ts';
import type { DeliveryContext } from '../run/run-context.ts';
import type { Transacted } from './transact-events.ts';
import { transactInRun } from './transact-in-run.ts';
import { withAttempts } from './with-attempts.ts';

/** Event at which the first attempt has failed. The transaction of that attempt was rolled back. */
interface FailedEvent<E extends Event> {
  readonly event: E;
  readonly error: unknown;
  /** Start of the transaction, in milliseconds since 1970. */
  readonly began: number;
}

/** Converts an Observable of one value to a step, which ends with the work for the value, or with the error. */
const stepOf = <T, O>(source: Observable<T>, toWork: (value: T) => Work<O>): PendingStep<O> => {
  let work: Work<O> = [];
  const subscription = new Subscription();
  return {
    whenEnded(onEnd) {
      const ended = source.subscribe({
        next(value) {
          work = toWork(value);
        },
        error: (error) => onEnd(throwError(() => error)),
        complete: () => onEnd(work),
      });
      subscription.add(ended);
    },
    unsubscribe: () => subscription.unsubscribe(),
  };
};

/**
 * Handles a batch of events in transactions. Returns a function that returns the next step, until all events are settled or
 * the run ends. The steps emit an outcome for each event, after its transaction is durable.
 *
 * If an event fails, the transaction is rolled back. The events before it are handled again and committed. Then the failed
 * event is retried alone, as the retry strategy decides, and the other events follow.
 */
export const handleInTransactions = <E extends Event>(
  context: DeliveryContext<E>,
  handler: TransactionHandler<E>,
  batch: readonly E[],
): (() => Step<Outcome<E>>) => {
  let remaining = batch;
  let failed: FailedEvent<E> | undefined;

  const handled = (events: readonly E[], attempts: number): Work<Outcome<E>> => {
    remaining = remaining.slice(events.length);
    return context.handled(events.map((event) => handledOutcome(event, attempts)));
  };
  const handleTogether = (events: readonly E[]): PendingStep<Outcome<E>> => {
    const began = context.scheduler.now();
    // The end of the run ends the wait for the turn, for example of a paused watcher, but not a transaction in flight.
    const turn$ = context.turn(of(undefined)).pipe(takeUntil(context.ending.set$));
    return stepOf(
      turn$.pipe(switchMap(() => transactInRun(context, handler, events, 1))),
      ({ count, failure }: Transacted) => {
        if (failure !== undefined)
          failed = { event: events[failure.index] as E, error: failure.error, began };
        return handled(events.slice(0, count), 1);
      },
    );
  };
  const settle = (event: E, { attempts, began, error }: AttemptsResult): Observable<Outcome<E>> => {
    if (error === undefined) return observableOf(handled([event], attempts));
    remaining = remaining.slice(1);
    return context.giveUp(skippedOutcome(event, attempts, error), began);
  };
  const retryAlone = ({ event, error, began }: FailedEvent<E>): Observable<Outcome<E>> => {
    const first = { ended$: throwError(() => error), began };
    return withAttempts(
      context,
      (handle, one, attempts) => transactInRun(context, handle, [one], attempts),
      (attemptAt) =>
        runAttempts(
          context,
          { seqNum: event.seqNum, event },
          (attempts) => attemptAt(event, attempts),
          first,
        ).pipe(switchMap((result) => settle(event, result))),
    );
  };
  return () => {
    if (remaining.length === 0 || context.ending.isSet) return undefined;
    const index = failed === undefined ? -1 : remaining.indexOf(failed.event);
    if (failed === undefined || index > 0) {
      return handleTogether(index > 0 ? remaining.slice(0, index) : remaining);
    }
    const next = failed;
    failed = undefined;
    return retryAlone(next);
  };
};
