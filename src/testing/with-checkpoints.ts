import { type Observable, Subject } from 'rxjs';
import type { Event, EventStore } from '../index.ts';
import { requireStore } from '../store/require-store.ts';

/** A checkpoint that was stored. */
export interface StoredCheckpoint {
  /** Whose it is. */
  readonly watcherId: string;
  /** What it was set to. */
  readonly seqNum: number;
}

/** A store, and what watchers write to it. */
export interface CheckpointedStore<E extends Event> {
  /** The store; use it in place of the one that was given. */
  readonly store: EventStore<E>;
  /** Each checkpoint at the moment at which it is asked to be stored. */
  readonly checkpoints$: Observable<StoredCheckpoint>;
}

/**
 * Shows the checkpoints that are written to a store, as they are.
 *
 * @throws InvalidOptionsError if the store is not one.
 * @example
 * const { store, checkpoints$ } = withCheckpoints(createMemoryStore({ scheduler: testScheduler }));
 * expectObservable(checkpoints$).toBe('--a', { a: { watcherId: 'w', seqNum: 1 } });
 */
export function withCheckpoints<E extends Event>(store: EventStore<E>): CheckpointedStore<E> {
  requireStore('store', store, 'storeCheckpoint');
  const checkpoints$ = new Subject<StoredCheckpoint>();
  return {
    store: {
      ...store,
      storeCheckpoint(watcherId, seqNum, fence) {
        checkpoints$.next({ watcherId, seqNum });
        return store.storeCheckpoint(watcherId, seqNum, fence);
      },
      storeDeadLetter(letter, checkpoint, fence) {
        if (checkpoint !== undefined) checkpoints$.next({ watcherId: letter.watcherId, seqNum: checkpoint });
        return store.storeDeadLetter(letter, checkpoint, fence);
      },
    },
    checkpoints$: checkpoints$.asObservable(),
  };
}
