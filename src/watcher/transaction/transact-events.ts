import { isObservable, Observable } from 'rxjs';
import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { Attempt } from '../../handling/attempt.ts';
import type { TransactionHandler } from '../../handling/handler.ts';
import type { AttemptContext } from '../../handling/handling-context.ts';
import { sliceClockOf } from '../../scheduling/clock.ts';
import { SLICE } from '../../scheduling/time-slicer.ts';
import { whenDurable } from '../../store/durable-write.ts';
import type { EventStore, TransactionFunctions, TransactionWork } from '../../store/event-store.ts';

/** Context of the attempts of a transaction, and the store in which the transaction takes place. */
export interface TransactingContext<E extends Event> extends AttemptContext {
  readonly store: EventStore<E>;
}

/** Events to handle in one transaction, and the writes of the watcher in it. */
export interface EventsTransaction<E extends Event> {
  /** Events in order, at least one. */
  readonly events: readonly E[];
  /** Number of the attempt at the events, from 1. */
  readonly attempt: number;
  /** Called before the handler. If it throws, the transaction is rolled back. */
  begin(): void;
  /** Whether the transaction may contain a further event. Called before each event. */
  mayContinue(): boolean;
  /**
   * Called with the last handled event, after the handler has handled all events of the transaction. If it throws, the
   * transaction is rolled back.
   */
  finish(last: E, functions: Pick<TransactionFunctions, 'storeCheckpoint' | 'deleteDeadLetter'>): void;
}

/** Result of a transaction: committed, or rolled back because the handler has failed. */
export interface Transacted {
  /** Number of events that were handled and committed, from the first one; 0 after a failure. */
  readonly count: number;
  /** Failure of the handler; missing if it has not failed. */
  readonly failure?: {
    /** Index of the failed event in `events`. */
    readonly index: number;
    readonly error: unknown;
  };
}

const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** Throws if the handler has returned a Promise or an Observable, because its work would continue after the transaction. */
function assertSynchronous(result: unknown): void {
  if (result === undefined || !(isPromiseLike(result) || isObservable(result))) return;
  const kind = isObservable(result) ? 'an Observable' : 'a Promise';
  // The transaction is rolled back, so the result of the Promise is ignored.
  if (isPromiseLike(result)) Promise.resolve(result).catch(() => undefined);
  throw new InvalidOptionsError('options of a watcher', [
    { path: 'transactionHandler', message: `must be synchronous; received a function that returns ${kind}` },
  ]);
}

/**
 * Handles events in one transaction, until all events are handled or the time slice has ended. Emits the result when the
 * transaction is durable.
 *
 * If the handler fails, the transaction is rolled back, and the result names the failed event. If the store fails, the
 * Observable errors. If the subscriber unsubscribes before the transaction begins, or the transaction may contain no event,
 * the handler is not called.
 */
export const transactEvents = <E extends Event>(
  context: TransactingContext<E>,
  handler: TransactionHandler<E>,
  transaction: EventsTransaction<E>,
): Observable<Transacted> =>
  new Observable((subscriber) => {
    const { store, watcherId, scheduler } = context;
    const { events, attempt } = transaction;
    const clock = sliceClockOf(scheduler);
    let result: Transacted = { count: 0 };

    /** Calls the handler with each event, inside one attempt, and returns the result. */
    const handleEvents = (storeEvent: TransactionFunctions<E>['storeEvent']): Transacted => {
      const handlerTransaction = { storeEvent, attempt, watcherId };
      const end = clock() + SLICE;
      let count = 0;
      const handleEach = () => {
        for (const event of events) {
          if (count > 0 && (clock() >= end || !transaction.mayContinue())) return;
          assertSynchronous(handler(event, handlerTransaction));
          count++;
        }
      };
      const [seqNum, lastSeqNum] = [(events[0] as E).seqNum, (events.at(-1) as E).seqNum];
      const { failure } = new Attempt(
        context,
        { handler: handleEach, argument: events, seqNum, lastSeqNum },
        attempt,
      );
      return failure === undefined ? { count } : { count: 0, failure: { index: count, ...failure } };
    };
    /** The engine can call this function again if a later function of the same commit throws. */
    const work: TransactionWork<E, void> = (storeEvent, storeCheckpoint, deleteDeadLetter) => {
      result = { count: 0 };
      // An engine can begin the transaction much later than it was requested, for example when another process writes.
      if (subscriber.closed || !transaction.mayContinue()) return;
      transaction.begin();
      result = handleEvents(storeEvent);
      if (result.failure !== undefined) throw result.failure.error;
      transaction.finish(events[result.count - 1] as E, { storeCheckpoint, deleteDeadLetter });
    };
    const emit = () => {
      subscriber.next(result);
      subscriber.complete();
    };
    const run = store.transaction as NonNullable<typeof store.transaction>;
    const written = run(work);
    const ended = whenDurable(written).subscribe({
      next: emit,
      error: (error) => (result.failure === undefined ? subscriber.error(error) : emit()),
    });
    subscriber.add(ended);
    // If the handler has failed within this call, emit the result now and not when the Promise of the transaction rejects,
    // because virtual time does not wait for Promises.
    if (result.failure !== undefined) emit();
  });
