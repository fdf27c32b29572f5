import type { TestScheduler } from 'rxjs/testing';
import type { EventStore, StoreEventRequest } from '../index.ts';
import { requireStore } from '../store/require-store.ts';

/**
 * Stores requests at the times of a marble diagram.
 *
 * @param scheduler - Scheduler of the test, inside its `run`.
 * @param store - Event store; a memory store on the same scheduler appends without a delay.
 * @param marbles - Marble diagram, such as `'--c-u-d'`.
 * @param requests - Request for each character of the diagram.
 * @throws InvalidOptionsError if `store` is not a store.
 * @example
 * testScheduler.run(({ expectObservable }) => {
 *   const store = createMemoryStore({ scheduler: testScheduler });
 *   playRequests(testScheduler, store, '--a-b', { a: request(), b: request({ operation: 'DELETE' }) });
 *   expectObservable(store.events(latest()).pipe(map(formatEvent))).toBe('--x-y', {
 *     x: '1 CREATE Thing {}',
 *     y: '2 DELETE Thing {}',
 *   });
 * });
 */
export function playRequests(
  scheduler: TestScheduler,
  store: Pick<EventStore, 'storeEvent'>,
  marbles: string,
  requests: Readonly<Record<string, StoreEventRequest>>,
): void {
  requireStore('store', store, 'storeEvent');
  // Leave the rejection of an invalid request unhandled, so that the test runner reports it.
  scheduler.createHotObservable(marbles, requests).subscribe((request) => void store.storeEvent(request));
}
