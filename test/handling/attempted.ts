import { watch } from '../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../src/watcher/watch-options.ts';
import { fill } from '../support/watcher/fill.ts';
import { asMarbles, withStore } from '../support/watcher/virtual-store.ts';

/** Expected behavior of a watcher of one event, as marble diagrams. */
export interface Attempted {
  /** Marble diagram of each attempt. The error of an attempt is 'no'. */
  readonly attempt: string;
  /** Marble diagrams of the subscriptions to attempts. */
  readonly subs: string | string[];
  /** Marble diagram of the outcomes: `1` if the event was handled, `a` if it was given up. */
  readonly expected: string;
  /** Error with which the watcher fails, shown as `#` in `expected`. */
  readonly error?: unknown;
}

/** Creates a test of a watcher of one event. All attempts at the event have the same marble diagram. */
export const attempted = (options: WatcherOptions, { attempt, subs, expected, error }: Attempted) =>
  withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
    fill(store, 'Job');
    const source = cold(attempt, {}, 'no');
    const watched = watch(store, 'w', { ...options, handler: () => source });

    expectObservable(watched.pipe(asMarbles)).toBe(expected, undefined, error);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
