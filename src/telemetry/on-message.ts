import { tracingChannel } from 'node:diagnostics_channel';
import { Subscription } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';

/** Subscribes to one channel of `node:diagnostics_channel`, and calls `listener` only with the messages of one store. */
export function onMessage<E extends Event, M extends { readonly store: EventStore | undefined }>(
  name: 'append' | 'handle',
  kind: 'start' | 'asyncEnd',
  store: EventStore<E>,
  listener: (message: M) => void,
): Subscription {
  const { internals } = store;
  const channel = tracingChannel(`rx-watcher:${name}`)[kind];
  const subscriber = (message: unknown) => {
    // The internals are compared, because a manager with leases wraps its store in another object with the same internals.
    if ((message as M).store?.internals === internals) listener(message as M);
  };
  channel.subscribe(subscriber);
  return new Subscription(() => void channel.unsubscribe(subscriber));
}
