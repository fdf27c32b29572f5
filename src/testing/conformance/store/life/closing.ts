import { firstValueFrom } from 'rxjs';
import { latest, StoreClosedError, trimHorizon } from '../../../../index.ts';
import { everyCall } from '../../support/every-call.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { note } from '../../support/note.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export const describeClosing = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a closed store', () => {
    test.each(everyCall)(
      'a call of %s fails with a StoreClosedError after the store is closed',
      async (_name, call) => {
        const store = await open();
        await store.storeEvent(created(1));
        await store.close();

        expect(await failureOf(call(store))).toBeInstanceOf(StoreClosedError);
      },
    );

    test.each(everyCall)(
      'a call of %s fails with a StoreClosedError while the close of the store is in progress',
      async (_name, call) => {
        const store = await open();
        const closed = store.close();

        expect(await failureOf(call(store))).toBeInstanceOf(StoreClosedError);
        await closed;
      },
    );

    test('an Observable that was created before the close of its store fails at a later subscription', async () => {
      const store = await open();
      const sources = [
        store.events(trimHorizon()),
        store.getEvents({ iterator: latest() }),
        store.checkpoints(),
      ];
      await store.close();

      for (const source of sources) {
        const notes = note<unknown>(source);
        await notes.ended;
        expect(notes.error).toBeInstanceOf(StoreClosedError);
        expect(notes.values).toEqual([]);
      }
    });

    test('close can be called again during a close and after it', async () => {
      const store = await open();

      await Promise.all([store.close(), store.close()]);

      await expect(store.close()).resolves.toBeUndefined();
    });

    test('the method Symbol.asyncDispose closes the store', async () => {
      const store = await open();
      await store[Symbol.asyncDispose]();

      expect(await failureOf(store.storeEvent(created(1)))).toBeInstanceOf(StoreClosedError);
      await expect(store.close()).resolves.toBeUndefined();
    });

    test('live reads complete when their store is closed', async () => {
      const store = await open({ scheduler: new VirtualClock() });
      const readers = [store.events(trimHorizon()), store.events(latest())].map(note);
      await store.storeEvent(created(1));
      await Promise.all(readers.map((reader) => reader.has(1)));

      await store.close();
      await Promise.all(readers.map(({ ended }) => ended));

      expect(readers.map(({ values, isComplete }) => [seqNums(values), isComplete])).toEqual([
        [[1], true],
        [[1], true],
      ]);
    });

    test('a replay completes if its subscriber closes the store', async () => {
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

    test('close resolves after the writes that were in flight at the call', async () => {
      const store = await open();
      const events = span(1, 20).map((n) => store.storeEvent(created(n)));
      const checkpoint = store.storeCheckpoint('w', 20);

      await store.close();

      expect(seqNums(await Promise.all(events))).toEqual(span(1, 20));
      await checkpoint;
      if (!supports.reopen) return;
      const reopened = await open();
      expect(seqNums(await readAll(reopened))).toEqual(span(1, 20));
      expect(await firstValueFrom(reopened.getCheckpoint('w'))).toBe(20);
    });
  });
