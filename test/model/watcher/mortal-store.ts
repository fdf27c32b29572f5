import type { EventStore } from 'rx-watcher';
import { NEVER, Subject, Subscription, takeUntil } from 'rxjs';

/** A process's view of a store: when it is killed, nothing that it still does reaches the store. */
export function mortalStore(store: EventStore, onCheckpoint: (seqNum: number) => void) {
  const killed$ = new Subject<void>();
  const held = new Subscription();
  let isDead = false;

  const mortal: EventStore = {
    ...store,
    getEvents: (request) => (isDead ? NEVER : store.getEvents(request).pipe(takeUntil(killed$))),
    async storeCheckpoint(watcherId, seqNum) {
      if (isDead) return new Promise(() => undefined);
      onCheckpoint(seqNum);
      return store.storeCheckpoint(watcherId, seqNum);
    },
    hold(place) {
      const hold = new Subscription();
      hold.add(store.hold?.(place));
      held.add(hold);
      return hold;
    },
  };
  const kill = () => {
    isDead = true;
    killed$.next();
    held.unsubscribe();
  };
  return { store: mortal, kill };
}
