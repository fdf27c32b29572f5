import type { EventStore } from 'rx-watcher';
import { NEVER, Subject, Subscription, takeUntil, type Unsubscribable } from 'rxjs';

/** A process's view of a store: when it is killed, nothing that it still does reaches the store. */
export function mortalStore(store: EventStore, onCheckpoint: (seqNum: number) => void) {
  const killed$ = new Subject<void>();
  const held = new Subscription();
  let isDead = false;

  const untilKilled = (resource: Unsubscribable): Subscription => {
    const mine = new Subscription();
    mine.add(resource);
    held.add(mine);
    return mine;
  };
  const mortal: EventStore = {
    ...store,
    getEvents: (request) => (isDead ? NEVER : store.getEvents(request).pipe(takeUntil(killed$))),
    async storeCheckpoint(watcherId, seqNum) {
      if (isDead) return new Promise(() => undefined);
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
    isDead = true;
    killed$.next();
    held.unsubscribe();
  };
  return { store: mortal, kill };
}
