import type { Event } from '../../../src/event/event.ts';
import { trimHorizon } from '../../../src/event/event-iterator.ts';
import type { HandlerTransaction } from '../../../src/handling/handler.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fillUp } from './fill.ts';
import { managed } from './managed-watcher.ts';

/** Filter of the events that the projections of the tests read. The projections store events of other types. */
export const JOBS = { objectTypes: ['Job'] };

/** Returns the sources of the events that a projection has stored: the numbers in their objects. */
export const derivedFrom = (store: EventStore): readonly unknown[] =>
  note(store.events(trimHorizon(), { live: false, filter: { objectTypes: ['Derived'] } })).values.map(
    ({ object }) => object,
  );

/** Creates a transaction handler that stores an event for each event, and records the calls as `seqNum/attempt`. */
export function projection(onCall: (event: Event, attempt: number) => unknown = () => undefined) {
  const calls: string[] = [];
  const transactionHandler = (event: Event, { storeEvent, attempt }: HandlerTransaction) => {
    calls.push(`${event.seqNum}/${attempt}`);
    storeEvent({ operation: 'CREATE', objectType: 'Derived', object: event.seqNum });
    return onCall(event, attempt) as undefined;
  };
  return { calls, transactionHandler };
}

/** Wraps a store. The list `counts` receives the number of events that each transaction stores. */
export function countingTransactions(store: EventStore) {
  const counts: number[] = [];
  const run = store.transaction as NonNullable<EventStore['transaction']>;
  const counting: EventStore = {
    ...store,
    transaction: (work) =>
      run((storeEvent, ...others) => {
        let count = 0;
        const result = work(
          (request) => {
            count++;
            return storeEvent(request);
          },
          ...others,
        );
        counts.push(count);
        return result;
      }),
  };
  return { store: counting, counts };
}

/** Starts a managed watcher with a projection of five events, which form one batch. */
export function projecting(options: CreateWatcherOptions, events = 5) {
  const all = managed({ events, handler: undefined, filter: JOBS, initialBackoff: 10, ...options });
  const outcomes: string[] = [];
  all.watcher.outcomes$.subscribe(({ status, seqNum, attempts }) =>
    outcomes.push(`${seqNum} ${status} ${attempts}`),
  );
  all.watcher.start();
  all.clock.advanceBy(0); // ends a read that finds no further event, so that the batch is delivered
  return { ...all, outcomes, add: (count: number) => fillUp(all.store, count) };
}
