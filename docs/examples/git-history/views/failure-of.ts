import { filter, interval, map, type Observable } from 'rxjs';
import type { Follower } from './follower.ts';

const PERIOD = 100;

/**
 * Fails when a watcher does. A service would let its watchers try again, as they do by themselves; the demo would rather
 * say what is wrong, and go on at the next run.
 */
export function failureOf(followers: readonly Follower[]): Observable<never> {
  return interval(PERIOD).pipe(
    map(() => followers.map(({ watcher }) => watcher.stats().lastError).find((error) => error !== undefined)),
    filter((error) => error !== undefined),
    map((error) => {
      throw error;
    }),
  );
}
