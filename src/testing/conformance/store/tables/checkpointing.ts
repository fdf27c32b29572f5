import { firstValueFrom } from 'rxjs';
import { created } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const ids = [
  'mailer',
  'Mailer',
  ' mailer',
  '1',
  '__proto__',
  'a/b.c:d*?',
  'a\u0000b',
  'a\u0000',
  '\u0001',
  'é',
  'e\u0301',
  '監視者',
  '😀',
  '\ud800',
  '\ud801',
  'x'.repeat(500),
];

export const describeCheckpointing = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a checkpoint', () => {
    test('getCheckpoint emits undefined before a checkpoint is stored and after it is deleted', async () => {
      const store = await open();

      expect(await firstValueFrom(store.getCheckpoint('w'))).toBeUndefined();
      await store.storeCheckpoint('w', 7);
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(7);
      await store.deleteCheckpoint('w');
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBeUndefined();
      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
    });

    test('a checkpoint can have the value 0', async () => {
      const store = await open();

      await store.storeCheckpoint('w', 0);

      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(0);
      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map([['w', 0]]));
    });

    test.each([3, 9, Number.MAX_SAFE_INTEGER, 1, 0])(
      'a checkpoint can have the value %i in a log of one event',
      async (n) => {
        const store = await open();
        await store.storeEvent(created(1));
        await store.storeCheckpoint('w', 5);

        await store.storeCheckpoint('w', n);

        expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(n);
      },
    );

    test('a checkpoint has the value of the last of several concurrent calls of storeCheckpoint', async () => {
      const store = await open();

      await Promise.all([4, 9, 2, 6].map((n) => store.storeCheckpoint('w', n)));

      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(6);
    });

    test('a checkpoint that does not exist can be deleted', async () => {
      const store = await open();

      await expect(store.deleteCheckpoint('other')).resolves.toBeUndefined();
    });

    test('a checkpoint is read at the subscription, not at the call', async () => {
      const store = await open();
      const one = store.getCheckpoint('w');
      const all = store.checkpoints();

      await store.storeCheckpoint('w', 3);

      expect(await firstValueFrom(one)).toBe(3);
      expect(await firstValueFrom(all)).toEqual(new Map([['w', 3]]));
    });

    test('the map of checkpoints does not change when a checkpoint changes', async () => {
      const store = await open();
      await store.storeCheckpoint('w', 3);

      const map = await firstValueFrom(store.checkpoints());
      await store.storeCheckpoint('w', 4);
      expect(map).toEqual(new Map([['w', 3]]));
      (map as Map<string, number>).set('w', 99);

      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map([['w', 4]]));
    });

    test('a checkpoint is stored without an append of an event to the log', async () => {
      const store = await open();
      await store.storeCheckpoint('w', 3);

      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(0);
      expect((await store.storeEvent(created(1))).seqNum).toBe(1);
    });

    test('a checkpoint can belong to any watcher id that is not blank, and is separate for each id', async () => {
      const store = await open();

      await Promise.all(ids.map((id, index) => store.storeCheckpoint(id, index)));

      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map(ids.map((id, index) => [id, index])));
      for (const [index, id] of ids.entries())
        expect(await firstValueFrom(store.getCheckpoint(id))).toBe(index);
    });
  });
