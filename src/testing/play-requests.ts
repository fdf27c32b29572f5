import type { TestScheduler } from 'rxjs/testing';
import type { EventStore, StoreEventRequest } from '../index.ts';
import { requireStore } from '../store/require-store.ts';

/**
 * Stores requests at the moments that a marble diagram names.
 *
 * @param scheduler - The one that the test runs on, inside its `run`.
 * @param store - Where they are stored; one in memory on the same scheduler appends at that very moment.
 * @param marbles - When: `'--c-u-d'`.
 * @param requests - What each letter stands for.
 * @throws InvalidOptionsError if the store is not one.
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
  // A request that is refused is no part of the diagram: its rejection is left for the test runner to tell.
  scheduler.createHotObservable(marbles, requests).subscribe((request) => void store.storeEvent(request));
}
