import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Tenure } from './tenure.ts';

/** The same store for one tenure: what is written bears its token, and nothing is once it is over. */
export function fencedStore<E extends Event>(store: EventStore<E>, tenure: Tenure): EventStore<E> {
  const whileItLasts = (write: () => Promise<void>): Promise<void> =>
    tenure.loss === undefined ? write() : Promise.reject(tenure.loss);
  return {
    ...store,
    storeCheckpoint: (watcherId, seqNum) =>
      whileItLasts(() => store.storeCheckpoint(watcherId, seqNum, tenure.token)),
    storeDeadLetter: (letter, checkpoint) =>
      whileItLasts(() => store.storeDeadLetter(letter, checkpoint, tenure.token)),
  };
}
