import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import type { EventStore } from '../../../../index.ts';
import { deadLetter, deadLettersOf } from '../../support/dead-letters.ts';
import { oddIds } from '../../support/odd-ids.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeDeadLetters = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a dead letter', () => {
    const openFilled = async () => {
      const store = await open();
      const events = await store.storeEvents(span(1, 12).map(created));
      return { store, events };
    };
    const checkpoint = async (store: EventStore) => firstValueFrom(store.getCheckpoint('w'));

    test('a dead letter is read as it was stored, together with its event', async () => {
      const { store, events } = await openFilled();

      await store.storeDeadLetter(deadLetter(3));

      expect(await deadLettersOf(store)).toStrictEqual([{ ...deadLetter(3), event: events[2] }]);
    });

    test('the dead letters of a watcher are read in the order of sequence numbers', async () => {
      const { store } = await openFilled();

      for (const seqNum of [10, 2, 12, 1]) await store.storeDeadLetter(deadLetter(seqNum));

      expect((await deadLettersOf(store)).map(({ seqNum }) => seqNum)).toEqual([1, 2, 10, 12]);
    });

    test('a dead letter belongs to one watcher only', async () => {
      const { store } = await openFilled();
      await Promise.all(
        oddIds.map((watcherId, index) => store.storeDeadLetter(deadLetter(index + 1, { watcherId }))),
      );

      for (const [index, id] of oddIds.entries()) {
        const found = await deadLettersOf(store, id);
        expect(found.map(({ seqNum, watcherId }) => [seqNum, watcherId])).toEqual([[index + 1, id]]);
      }
      expect(await deadLettersOf(store, 'other')).toEqual([]);
    });

    test('deadLetters() emits the dead letters of all watchers in the order of sequence numbers', async () => {
      const { store, events } = await openFilled();
      await Promise.all(
        oddIds.map((watcherId, index) => store.storeDeadLetter(deadLetter(index + 1, { watcherId }))),
      );

      const found = await lastValueFrom(store.deadLetters().pipe(toArray()));

      expect(found).toStrictEqual(
        oddIds.map((watcherId, index) => ({ ...deadLetter(index + 1, { watcherId }), event: events[index] })),
      );
    });

    test('a dead letter replaces an earlier dead letter of the same event', async () => {
      const { store, events } = await openFilled();
      await store.storeDeadLetter(deadLetter(3));
      const again = deadLetter(3, { errors: [{ name: 'null', message: 'null' }], attempts: 4 });

      await store.storeDeadLetter(again);

      expect(await deadLettersOf(store)).toStrictEqual([{ ...again, event: events[2] }]);
    });

    test('a dead letter moves the checkpoint of its watcher only if the call contains a checkpoint', async () => {
      const { store } = await openFilled();
      await store.storeCheckpoint('v', 1);

      await store.storeDeadLetter(deadLetter(3));
      expect(await checkpoint(store)).toBeUndefined();
      await store.storeDeadLetter(deadLetter(3), 3);
      expect(await checkpoint(store)).toBe(3);
      await store.storeDeadLetter(deadLetter(2));
      expect(await checkpoint(store)).toBe(3);
      await store.storeDeadLetter(deadLetter(2), 0);
      expect(await firstValueFrom(store.checkpoints())).toEqual(
        new Map([
          ['v', 1],
          ['w', 0],
        ]),
      );
    });

    test('a dead letter becomes visible at the latest together with the checkpoint of the same call', async () => {
      const { store } = await openFilled();
      const seen: number[][] = [];
      let hasEnded = false;
      const reading = (async () => {
        while (!hasEnded) {
          // Each write n stores dead letter n with checkpoint n. The three reads are not atomic, but the number of dead letters
          // must be between the checkpoint that was read before and the checkpoint that is read after.
          const before = (await checkpoint(store)) ?? 0;
          const deadLetters = (await deadLettersOf(store)).length;
          seen.push([before, deadLetters, (await checkpoint(store)) ?? 0]);
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      })();
      for (const seqNum of span(1, 12)) await store.storeDeadLetter(deadLetter(seqNum), seqNum);
      hasEnded = true;
      await reading;

      // An engine without atomic batches can show a dead letter before its checkpoint, so the later checkpoint is ignored.
      const compared = supports.atomicBatches ? seen : seen.map((numbers) => numbers.slice(0, 2));
      expect(compared.filter((numbers) => numbers.some((n, index) => n < (numbers[index - 1] ?? 0)))).toEqual(
        [],
      );
    });

    test('a dead letter can be deleted repeatedly, without an effect on its event and on other dead letters', async () => {
      const { store } = await openFilled();
      await store.storeDeadLetter(deadLetter(3));
      await store.storeDeadLetter(deadLetter(4));
      await store.storeDeadLetter(deadLetter(3, { watcherId: 'v' }));

      await store.deleteDeadLetter('w', 3);
      await store.deleteDeadLetter('w', 3);
      await store.deleteDeadLetter('other', 3);

      expect((await deadLettersOf(store)).map(({ seqNum }) => seqNum)).toEqual([4]);
      expect(await deadLettersOf(store, 'v')).toHaveLength(1);
      expect(seqNums(await readAll(store))).toEqual(span(1, 12));
    });

    test('a dead letter is read at the subscription, not at the call', async () => {
      const { store } = await openFilled();
      const source = store.deadLetters('w');
      await store.storeDeadLetter(deadLetter(3));

      expect(await firstValueFrom(source)).toMatchObject({ seqNum: 3 });
    });

    test('a dead letter is stored without a copy of its event if the log does not hold the event', async () => {
      const { store } = await openFilled();
      await store.storeDeadLetter(deadLetter(99));

      expect(await deadLettersOf(store)).toStrictEqual([deadLetter(99)]);
    });

    test('storeDeadLetter appends no event, and stores no checkpoint if the call contains none', async () => {
      const { store } = await openFilled();
      await store.storeDeadLetter(deadLetter(3));

      expect(seqNums(await readAll(store))).toEqual(span(1, 12));
      expect((await store.storeEvent(created(13))).seqNum).toBe(13);
      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
    });
  });
