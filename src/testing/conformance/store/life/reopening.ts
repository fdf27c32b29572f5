import { firstValueFrom } from 'rxjs';
import { afterSequenceNumber } from '../../../../index.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeReopening = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a store that is closed and opened again', () => {
    if (!supports.reopen) {
      test('a reopened store is empty if the engine is not durable', async () => {
        const before = await open();
        await before.storeEvents(span(1, 3).map(created));
        await before.storeCheckpoint('w', 2);
        await before.close();

        const after = await open();

        expect(await readAll(after)).toEqual([]);
        expect(await firstValueFrom(after.checkpoints())).toEqual(new Map());
      });
      return;
    }

    test('a reopened store holds all events and checkpoints unchanged', async () => {
      const before = await open();
      const events = [
        ...(await before.storeEvents(span(1, 300).map(created))),
        await before.storeEvent(created(301)),
      ];
      await before.storeCheckpoint('w', 5);
      await before.storeCheckpoint('zero', 0);
      await before.storeCheckpoint('deleted', 5);
      await before.deleteCheckpoint('deleted');
      await before.close();

      const after = await open();

      expect(await readAll(after)).toStrictEqual(events);
      expect(await firstValueFrom(after.getLatestSeqNum())).toBe(301);
      expect(await firstValueFrom(after.checkpoints())).toEqual(
        new Map([
          ['w', 5],
          ['zero', 0],
        ]),
      );
    });

    test('a store continues its sequence numbers after each reopening', async () => {
      for (const round of span(1, 5)) {
        const store = await open();
        await store.storeEvent(created(round));
        await store.storeEvents([created(round), created(round)]);
        expect(await firstValueFrom(store.getLatestSeqNum())).toBe(3 * round);
        await store.close();
      }

      const store = await open();
      expect(seqNums(await readAll(store))).toEqual(span(1, 15));
      expect(seqNums(await readAll(store, afterSequenceNumber(13)))).toEqual([14, 15]);
    });

    test('a reopened store supports live reads', async () => {
      const before = await open();
      await before.storeEvent(created(1));
      await before.close();
      const after = await open();

      const next = firstValueFrom(after.events(afterSequenceNumber(1)));
      const event = await after.storeEvent(created(2));

      expect(await next).toStrictEqual(event);
    });
  });
