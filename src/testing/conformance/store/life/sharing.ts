import { firstValueFrom, take, toArray } from 'rxjs';
import { trimHorizon } from '../../../../index.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeSharing = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('two stores that share one log', () => {
    test('two stores that share one log can read the events and checkpoints of each other', async () => {
      const [one, other] = [await open(), await open()];

      await one.storeEvents([created(1), created(2)]);
      await other.storeEvent(created(3));
      await one.storeCheckpoint('w', 2);

      expect(seqNums(await readAll(one))).toEqual([1, 2, 3]);
      expect(await readAll(other)).toEqual(await readAll(one));
      expect(await firstValueFrom(other.getCheckpoint('w'))).toBe(2);
    });

    test('two stores that share one log assign contiguous sequence numbers to concurrent appends', async () => {
      const [one, other] = [await open(), await open()];

      const stored = await Promise.all(
        span(1, 60).map((n) => (n % 2 === 0 ? one : other).storeEvent(created(n))),
      );

      expect([...seqNums(stored)].sort((a, b) => a - b)).toEqual(span(1, 60));
      const events = await readAll(one);
      expect(stored.map(({ seqNum }) => events[seqNum - 1])).toEqual(stored);
    });

    test('two stores that share one log wake the live reads and long polls of each other', async () => {
      const [one, other] = [await open(), await open()];
      const events = firstValueFrom(other.events(trimHorizon()).pipe(take(4), toArray()));
      const page = firstValueFrom(
        other.getEvents({ iterator: trimHorizon(), longPollingTimeout: Number.POSITIVE_INFINITY }),
      );

      await one.storeEvents([created(1), created(2)]);
      const first = seqNums((await page).events);
      expect(first.length).toBeGreaterThan(supports.atomicBatches ? 1 : 0);
      expect(first).toEqual(span(1, first.length));
      await one.storeEvents([created(3), created(4)]);

      expect(seqNums(await events)).toEqual(span(1, 4));
    });

    test('each of two stores that share one log stays open when the other store is closed', async () => {
      const [one, other] = [await open(), await open()];
      await one.storeEvent(created(1));

      await one.close();
      await other.storeEvent(created(2));

      expect(seqNums(await readAll(other))).toEqual([1, 2]);
    });
  });
