import { firstValueFrom } from 'rxjs';
import { latest, StoreClosedError, trimHorizon } from '../../../../index.ts';
import { everyCall } from '../../support/every-call.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { note } from '../../support/note.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

/** The end of a store. */
export const describeClosing = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a closed store', () => {
    test.each(everyCall)('fails %s with a StoreClosedError', async (_name, call) => {
      const store = await open();
      await store.storeEvent(created(1));
      await store.close();

      expect(await failureOf(call(store))).toBeInstanceOf(StoreClosedError);
    });

    test.each(everyCall)('fails %s while it is closing, too', async (_name, call) => {
      const store = await open();
      const closed = store.close();

      expect(await failureOf(call(store))).toBeInstanceOf(StoreClosedError);
      await closed;
    });

    test('fails what was made before and is subscribed to after the close', async () => {
      const store = await open();
      const early = [
        store.events(trimHorizon()),
        store.getEvents({ iterator: latest() }),
        store.checkpoints(),
      ];
      await store.close();

      for (const source of early) {
        const notes = note<unknown>(source);
        await notes.ended;
        expect(notes.error).toBeInstanceOf(StoreClosedError);
        expect(notes.values).toEqual([]);
      }
    });

    test('may be closed again and again, at once and later', async () => {
      const store = await open();

      await Promise.all([store.close(), store.close()]);

      await expect(store.close()).resolves.toBeUndefined();
    });

    test('may be one that went out of scope', async () => {
      const store = await open();
      await store[Symbol.asyncDispose]();

      expect(await failureOf(store.storeEvent(created(1)))).toBeInstanceOf(StoreClosedError);
      await expect(store.close()).resolves.toBeUndefined();
    });

    test('completes those who follow it', async () => {
      const store = await open({ scheduler: new VirtualTime() });
      const followers = [store.events(trimHorizon()), store.events(latest())].map(note);
      await store.storeEvent(created(1));
      await Promise.all(followers.map((follower) => follower.has(1)));

      await store.close();
      await Promise.all(followers.map(({ ended }) => ended));

      expect(followers.map(({ values, isComplete }) => [seqNums(values), isComplete])).toEqual([
        [[1], true],
        [[1], true],
      ]);
    });

    test('completes a replay that closes it on the way', async () => {
      const store = await open();
      await store.storeEvents(span(1, 10).map(created));
      const seen: number[] = [];

      await new Promise<void>((resolve, reject) => {
        store.events(trimHorizon(), { batchSize: 2 }).subscribe({
          next: ({ seqNum }) => {
            seen.push(seqNum);
            if (seqNum === 2) void store.close();
          },
          complete: resolve,
          error: reject,
        });
      });

      expect(seen).toEqual([1, 2]);
    });

    test('has let the writes finish that were under way', async () => {
      const store = await open();
      const events = span(1, 20).map((n) => store.storeEvent(created(n)));
      const checkpoint = store.storeCheckpoint('w', 20);

      await store.close();

      expect(seqNums(await Promise.all(events))).toEqual(span(1, 20));
      await checkpoint;
      if (!supports.reopen) return;
      const again = await open();
      expect(seqNums(await readAll(again))).toEqual(span(1, 20));
      expect(await firstValueFrom(again.getCheckpoint('w'))).toBe(20);
    });
  });
