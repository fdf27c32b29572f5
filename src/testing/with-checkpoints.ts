import { type Observable, Subject } from 'rxjs';
import type { Event, EventStore } from '../index.ts';
import { requireStore } from '../store/require-store.ts';

/** Checkpoint of a write that has begun. The write can still fail. */
export interface StoredCheckpoint {
  /** Id of the watcher. */
  readonly watcherId: string;
  /** Sequence number of the checkpoint. */
  readonly seqNum: number;
}

/** Wrapped store, and the checkpoints that are written through it. */
export interface CheckpointedStore<E extends Event> {
  /** Store to pass to watchers and pipelines. Writes through the original store are not observed. */
  readonly store: EventStore<E>;
  /** Emits each checkpoint when its write begins, even if the write fails later. */
  readonly checkpoints$: Observable<StoredCheckpoint>;
}

/**
 * Wraps a store so that a test can observe the checkpoints that are written through the returned store.
 *
 * @throws InvalidOptionsError if `store` is not a store.
 * @example
 * const { store, checkpoints$ } = withCheckpoints(createMemoryStore({ scheduler: testScheduler }));
 * expectObservable(checkpoints$).toBe('--a', { a: { watcherId: 'w', seqNum: 1 } });
 */
export function withCheckpoints<E extends Event>(store: EventStore<E>): CheckpointedStore<E> {
  requireStore('store', store, 'storeCheckpoint');
  const checkpoints$ = new Subject<StoredCheckpoint>();
  const { transaction } = store;
  return {
    store: {
      ...store,
      storeCheckpoint(watcherId, seqNum, fence) {
        checkpoints$.next({ watcherId, seqNum });
        return store.storeCheckpoint(watcherId, seqNum, fence);
      },
      ...(transaction && {
        transaction: (work) =>
          transaction((storeEvent, storeCheckpoint, deleteDeadLetter) =>
            work(
              storeEvent,
              (watcherId, seqNum, fence) => {
                checkpoints$.next({ watcherId, seqNum });
                storeCheckpoint(watcherId, seqNum, fence);
              },
              deleteDeadLetter,
            ),
          ),
      }),
      storeDeadLetter(deadLetter, checkpoint, fence, partitionId) {
        const { watcherId } = deadLetter;
        if (checkpoint !== undefined)
          checkpoints$.next({ watcherId: partitionId ?? watcherId, seqNum: checkpoint });
        return store.storeDeadLetter(deadLetter, checkpoint, fence, partitionId);
      },
    },
    checkpoints$: checkpoints$.asObservable(),
  };
}
