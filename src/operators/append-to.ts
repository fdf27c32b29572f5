import { concatMap, map, type OperatorFunction } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import type { Event, RequestOf } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { kindOf } from '../validation/format-value.ts';

const notAPromise = (received: unknown) =>
  new InvalidOptionsError('store of appendTo', [
    { path: 'storeEvent', message: `must return a Promise; it returned ${kindOf(received)}` },
  ]);

/**
 * Stores each request when it arrives, and emits the stored events in the same order.
 *
 * An append does not wait for the previous one, so that the appends in flight can share a commit. An append in flight is
 * stored even if the source fails or the subscriber unsubscribes.
 *
 * If an append fails, the Observable emits the events that were stored before it and then errors.
 *
 * @param store - Event store that stores the events.
 * @throws {@link InvalidOptionsError} if `store` is not a store; thrown by the call.
 * @throws {@link InvalidOptionsError} if `store.storeEvent` does not return a Promise.
 * @throws {@link InvalidRequestError} if a request is not valid.
 * @throws {@link SerializationError} if an object cannot be serialized.
 * @throws {@link DuplicateIdError} if the store holds a different event with the `id` of a request.
 * @throws {@link StoreError} if the store cannot write.
 * @throws {@link StoreClosedError} if the store is closed.
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
        if (typeof (stored as Partial<Promise<E>> | undefined)?.catch !== 'function')
          throw notAPromise(stored);
        // The Promise may be rejected before `concatMap` subscribes. This handler prevents an unhandled rejection.
        stored.catch(() => undefined);
        return stored;
      }),
      concatMap((stored) => stored),
    );
};
