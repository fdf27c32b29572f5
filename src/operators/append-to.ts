import { concatMap, map, type OperatorFunction } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import type { Event, RequestOf } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { kindOf } from '../validation/format-value.ts';

const noPromise = (received: unknown) =>
  new InvalidOptionsError('store of appendTo', [
    { path: 'storeEvent', message: `must return a Promise; it returned ${kindOf(received)}` },
  ]);

/**
 * Stores each request as it comes, and emits the events as stored, in the same order.
 *
 * The next append does not wait for the one before, so that those in flight share a commit. What was in flight when the
 * source fails, or somebody unsubscribes, is stored all the same.
 *
 * @param store - Where the events are stored.
 * @throws {@link InvalidOptionsError}, at the call, if `store` is not a store.
 * @throws InvalidRequestError, SerializationError, StoreError, StoreClosedError, behind the events stored before.
 * @example
 * orders$.pipe(
 *   map((order) => ({ operation: 'CREATE', objectType: 'Order', object: order }) as const),
 *   appendTo(store),
 * ).subscribe(({ seqNum }) => log(seqNum));
 */
export const appendTo = <E extends Event>(
  store: Pick<EventStore<E>, 'storeEvent'>,
): OperatorFunction<RequestOf<E>, E> => {
  requireStore('store', store, 'storeEvent');
  return (requests) =>
    requests.pipe(
      map((request) => {
        const stored = store.storeEvent(request);
        if (typeof (stored as Partial<Promise<E>> | undefined)?.catch !== 'function') throw noPromise(stored);
        // It may be rejected before its turn comes to be looked at, which is no reason to end the process.
        stored.catch(() => undefined);
        return stored;
      }),
      concatMap((stored) => stored),
    );
};
