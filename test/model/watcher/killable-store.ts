import type { EventStore } from 'rx-watcher';
import { NEVER, Subject, Subscription, takeUntil, type Unsubscribable } from 'rxjs';

/** Returns the view of a store by one process. After `kill`, no call reaches the store. */
export function killableStore(store: EventStore, onCheckpoint: (seqNum: number) => void) {
  const killed$ = new Subject<void>();
  const resources = new Subscription();
  let isKilled = false;

  const untilKilled = (resource: Unsubscribable): Subscription => {
    const subscription = new Subscription();
    subscription.add(resource);
    resources.add(subscription);
    return subscription;
  };
  const killable: EventStore = {
    ...store,
    getEvents: (request) => (isKilled ? NEVER : store.getEvents(request).pipe(takeUntil(killed$))),
    async storeCheckpoint(watcherId, seqNum) {
      if (isKilled) return new Promise(() => undefined);
      onCheckpoint(seqNum);
      return store.storeCheckpoint(watcherId, seqNum);
    },
    internals: {
      ...store.internals,
      retainFrom: (position) => untilKilled(store.internals.retainFrom(position)),
      claim: (watcherId, owner) => untilKilled(store.internals.claim(watcherId, owner)),
    },
  };
  const kill = () => {
    isKilled = true;
    killed$.next();
    resources.unsubscribe();
  };
  return { store: killable, kill };
}
