import { firstValueFrom } from 'rxjs';
import type { EventStore } from '../../../../index.ts';
import { letter, lettersOf } from '../../support/letters.ts';
import { oddIds } from '../../support/odd-ids.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** Events that watchers gave up, as the store keeps them. */
export const describeDeadLetters = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a dead letter', () => {
    const filled = async () => {
      const store = await open();
      const events = await store.storeEvents(span(1, 12).map(created));
      return { store, events };
    };
    const checkpoint = async (store: EventStore) => firstValueFrom(store.getCheckpoint('w'));

    test('is read as it was kept, and has the event', async () => {
      const { store, events } = await filled();

      await store.storeDeadLetter(letter(3));

      expect(await lettersOf(store)).toStrictEqual([{ ...letter(3), event: events[2] }]);
    });

    test('comes in the order of numbers, whatever the order of keeping', async () => {
      const { store } = await filled();

      for (const seqNum of [10, 2, 12, 1]) await store.storeDeadLetter(letter(seqNum));

      expect((await lettersOf(store)).map(({ seqNum }) => seqNum)).toEqual([1, 2, 10, 12]);
    });

    test('belongs to its watcher alone', async () => {
      const { store } = await filled();
      await Promise.all(
        oddIds.map((watcherId, index) => store.storeDeadLetter(letter(index + 1, { watcherId }))),
      );

      for (const [index, id] of oddIds.entries()) {
        const found = await lettersOf(store, id);
        expect(found.map(({ seqNum, watcherId }) => [seqNum, watcherId])).toEqual([[index + 1, id]]);
      }
      expect(await lettersOf(store, 'nobody')).toEqual([]);
    });

    test('of the same event replaces the one before', async () => {
      const { store, events } = await filled();
      await store.storeDeadLetter(letter(3));
      const again = letter(3, { errors: [{ name: 'null', message: 'null' }], attempts: 4 });

      await store.storeDeadLetter(again);

      expect(await lettersOf(store)).toStrictEqual([{ ...again, event: events[2] }]);
    });

    test('leaves the checkpoint, or moves it as it is told, and that of nobody else', async () => {
      const { store } = await filled();
      await store.storeCheckpoint('v', 1);

      await store.storeDeadLetter(letter(3));
      expect(await checkpoint(store)).toBeUndefined();
      await store.storeDeadLetter(letter(3), 3);
      expect(await checkpoint(store)).toBe(3);
      await store.storeDeadLetter(letter(2));
      expect(await checkpoint(store)).toBe(3);
      await store.storeDeadLetter(letter(2), 0);
      expect(await firstValueFrom(store.checkpoints())).toEqual(
        new Map([
          ['v', 1],
          ['w', 0],
        ]),
      );
    });

    test('and the checkpoint past it are seen both, or neither', async () => {
      const { store } = await filled();
      const seen: number[][] = [];
      let isOver = false;
      const looking = (async () => {
        while (!isOver) {
          // Each is read as of its own moment: between two looks at the one, the other cannot lie outside of them.
          const before = (await checkpoint(store)) ?? 0;
          const letters = (await lettersOf(store)).length;
          seen.push([before, letters, (await checkpoint(store)) ?? 0]);
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      })();
      for (const seqNum of span(1, 12)) await store.storeDeadLetter(letter(seqNum), seqNum);
      isOver = true;
      await looking;

      // Without transactions the letter may be there before the checkpoint is moved, and never the other way round.
      const compared = supports.atomicBatches ? seen : seen.map((numbers) => numbers.slice(0, 2));
      expect(compared.filter((numbers) => numbers.some((n, index) => n < (numbers[index - 1] ?? 0)))).toEqual(
        [],
      );
    });

    test('can be forgotten, be it there or not; the event stays, and so do the others', async () => {
      const { store } = await filled();
      await store.storeDeadLetter(letter(3));
      await store.storeDeadLetter(letter(4));
      await store.storeDeadLetter(letter(3, { watcherId: 'v' }));

      await store.deleteDeadLetter('w', 3);
      await store.deleteDeadLetter('w', 3);
      await store.deleteDeadLetter('nobody', 3);

      expect((await lettersOf(store)).map(({ seqNum }) => seqNum)).toEqual([4]);
      expect(await lettersOf(store, 'v')).toHaveLength(1);
      expect(seqNums(await readAll(store))).toEqual(span(1, 12));
    });

    test('is read when somebody subscribes', async () => {
      const { store } = await filled();
      const source = store.deadLetters('w');
      await store.storeDeadLetter(letter(3));

      expect(await firstValueFrom(source)).toMatchObject({ seqNum: 3 });
    });

    test('of an event that the log does not hold has none', async () => {
      const { store } = await filled();
      await store.storeDeadLetter(letter(99));

      expect(await lettersOf(store)).toStrictEqual([letter(99)]);
    });

    test('is no event and no checkpoint: the log and its numbers are not touched', async () => {
      const { store } = await filled();
      await store.storeDeadLetter(letter(3));

      expect(seqNums(await readAll(store))).toEqual(span(1, 12));
      expect((await store.storeEvent(created(13))).seqNum).toBe(13);
      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
    });
  });
