import { watch } from '../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../src/watcher/watch-options.ts';
import { fill } from '../watcher/delivery/fill.ts';
import { asMarbles, withStore } from '../watcher/delivery/virtual-store.ts';

/** How a watcher of one event is to go on, in marbles. */
export interface Attempted {
  /** Each attempt of its handler; it errors with 'no'. */
  readonly attempt: string;
  /** When attempts are made and left. */
  readonly subs: string | string[];
  /** What the watcher emits: 1 for the event that was handled, a for one that was given up. */
  readonly expected: string;
  /** What the watcher errors with. */
  readonly error?: unknown;
}

/** A test of what comes of one event whose attempts all go alike. */
export const attempted = (options: WatcherOptions, { attempt, subs, expected, error }: Attempted) =>
  withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
    fill(store, 'Job');
    const source = cold(attempt, {}, 'no');
    const watched = watch(store, 'w', { ...options, handler: () => source });

    expectObservable(watched.pipe(asMarbles)).toBe(expected, undefined, error);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
