import { asyncScheduler } from 'rxjs';
import type { CreateWatcherOptions } from '../../../index.ts';
import type { OpenStore } from '../store-fixture.ts';
import { openJobs, watchByHand } from './watched.ts';

/** Options for retries without a delay, in real time. */
export const immediateRetries: CreateWatcherOptions = { scheduler: asyncScheduler, initialBackoff: 0 };

/**
 * Starts a watcher with a handler that fails for the first event.
 *
 * @param jobs - Number of events in the store.
 * @param times - Number of attempts at the first event that fail.
 * @returns The store, the watcher with its helpers, and the calls of the handler in their order.
 */
export async function failing(open: OpenStore, jobs: number, times: number, options: CreateWatcherOptions) {
  const store = await openJobs(open, jobs);
  const calls: (readonly [seqNum: number, attempt: number])[] = [];
  const watched = watchByHand(store, {
    ...immediateRetries,
    ...options,
    handler({ seqNum }, { attempt }) {
      calls.push([seqNum, attempt]);
      if (seqNum === 1 && attempt <= times) throw new Error(`failure ${attempt}`);
    },
  });
  return { store, calls, ...watched };
}
