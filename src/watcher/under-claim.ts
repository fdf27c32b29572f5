import { type Observable, tap, using } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { RunContext } from './run/run-context.ts';

/**
 * Subscribes to `source` while the watcher's id is claimed on its store. An ephemeral watcher claims nothing: it has no
 * checkpoint that another watcher could move. The claims of one watcher do not exclude each other.
 *
 * @throws {@link WatcherAlreadyRunningError} if another watcher of this id runs, seeks or redrives on the store.
 */
export const underClaim = <E extends Event, T>(
  {
    store,
    watcherId,
    options,
    checkpoints,
  }: Pick<RunContext<E>, 'store' | 'watcherId' | 'options' | 'checkpoints'>,
  source: Observable<T>,
): Observable<T> =>
  using(
    () => (options.ephemeral ? undefined : store.internals.claim(watcherId, checkpoints)),
    (claim) => {
      const release = () => claim?.unsubscribe();
      // Before the end is emitted: it may lead to the next run of another watcher.
      return source.pipe(tap({ error: release, complete: release }));
    },
  );
