import { asyncScheduler } from 'rxjs';
import type { CreateWatcherOptions } from '../../../index.ts';
import type { OpenStore } from '../store-fixture.ts';
import { openJobs, watchByHand } from './watched.ts';

/** Retries without a delay, on a clock that runs. */
export const atOnce: CreateWatcherOptions = { scheduler: asyncScheduler, initialBackoff: 0 };

/** A watcher of so many jobs whose handler fails the first, so many times; its calls are noted. */
export async function failing(open: OpenStore, jobs: number, times: number, options: CreateWatcherOptions) {
  const store = await openJobs(open, jobs);
  const calls: (readonly [seqNum: number, attempt: number])[] = [];
  const watched = watchByHand(store, {
    ...atOnce,
    ...options,
    handler({ seqNum }, { attempt }) {
      calls.push([seqNum, attempt]);
      if (seqNum === 1 && attempt <= times) throw new Error(`failure ${attempt}`);
    },
  });
  return { store, calls, ...watched };
}
