import { type Observable, tap, using } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import type { CheckpointWriter } from './run/checkpoint-writer.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';

/** Parts of a watcher that a claim of its id needs. */
interface Claimant<E extends Event> {
  readonly store: EventStore<E>;
  readonly watcherId: string;
  readonly options: Pick<ResolvedWatchOptions<E>, 'ephemeral'>;
  readonly checkpoints: CheckpointWriter;
}

/**
 * Subscribes to `source`, and claims the watcher's id on its store until `source` ends or the subscriber unsubscribes. An
 * ephemeral watcher claims nothing, because it has no checkpoint that another watcher could move. The claims of one watcher,
 * for example of its run and of a redrive, do not exclude each other.
 *
 * @throws {@link WatcherAlreadyRunningError} if another watcher of this id runs, seeks or redrives on the store.
 */
export const underClaim = <E extends Event, T>(
  { store, watcherId, options, checkpoints }: Claimant<E>,
  source: Observable<T>,
): Observable<T> =>
  using(
    () => (options.ephemeral ? undefined : store.internals.claim(watcherId, checkpoints)),
    (claim) => {
      const release = () => claim?.unsubscribe();
      // Release the claim before the end is emitted: a subscriber that receives the end may start another watcher of this
      // id.
      return source.pipe(tap({ error: release, complete: release }));
    },
  );
