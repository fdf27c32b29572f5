import { asapScheduler, asyncScheduler, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { latest } from '../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../src/memory.ts';
import { forEachSliced } from '../../src/scheduling/for-each-sliced.ts';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fillUp } from '../support/watcher/fill.ts';

const HOUR = 3_600_000;

const SCHEDULERS = [
  ['asyncScheduler', asyncScheduler],
  ['asapScheduler', asapScheduler],
] as const;

/** Sets the wall clock back by an hour, as an administrator can. Does not affect timers. */
function setBack(): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() - HOUR);
}

afterEach(() => void vi.restoreAllMocks());

describe('loops and timeouts after the wall clock is set back', () => {
  it.each(SCHEDULERS)(
    'a watcher on %s delivers an incomplete batch after maxWait even if the wall clock is set back',
    async (_name, scheduler) => {
      const store = createMemoryStore({ scheduler });
      const batches$ = watch(store, 'w', { batchHandler: () => undefined, maxWait: 20 });
      const handled = firstValueFrom(batches$);
      fillUp(store, 1);
      setBack();
      expect(await handled).toMatchObject({ seqNum: 1, status: 'handled' });
      await store.close();
    },
  );

  it('a long poll ends at its timeout even if the wall clock is set back', async () => {
    const store = createMemoryStore();
    const poll = () => firstValueFrom(store.getEvents({ iterator: latest(), longPollingTimeout: 20 }));
    const before = poll();
    setBack();
    const [first, second] = await Promise.all([before, poll()]);
    expect([first.events, second.events]).toEqual([[], []]);
    await store.close();
  });

  it.each(SCHEDULERS)(
    'a pull loop on %s yields to the event loop even if the wall clock is set back',
    async (_name, scheduler) => {
      let turns = 0;
      let isOver = false;
      const count = () => {
        turns++;
        if (!isOver) setImmediate(count);
      };
      const busy = (): void => {
        const end = performance.now() + 0.05;
        while (performance.now() < end);
      };
      const begin = () => {
        let left = 2000;
        return () => {
          if (left === 1900) setBack();
          busy();
          return left-- > 0 ? [left] : undefined;
        };
      };
      setImmediate(count);
      await lastValueFrom(pullLoop(begin, scheduler));
      isOver = true;
      expect(turns).toBeGreaterThan(3);
    },
  );

  it('forEachSliced divides its work into time slices even if the wall clock is set back', async () => {
    let slices = 0;
    const work = (item: number) => {
      if (item === 0) {
        setBack();
        setImmediate(() => slices++);
      }
      const end = performance.now() + 1;
      while (performance.now() < end);
      if (item === 49) slices += 10;
    };
    const items = Array.from({ length: 50 }, (_, index) => index);
    await lastValueFrom(forEachSliced(items, work, asyncScheduler).pipe(toArray()));
    expect(slices).toBe(11);
  });
});
