import { firstValueFrom } from 'rxjs';
import { readAll } from '../../support/read-all.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeAppending = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a store that appends events', () => {
    test('a store assigns contiguous sequence numbers from 1', async () => {
      const store = await open();

      const events = [
        await store.storeEvent(created(1)),
        await store.storeEvent(created(2)),
        await store.storeEvent(created(3)),
      ];

      expect(seqNums(events)).toEqual([1, 2, 3]);
    });

    test('a store assigns contiguous sequence numbers to concurrent appends in the order of the calls', async () => {
      const store = await open();

      const events = await Promise.all(span(1, 100).map((n) => store.storeEvent(created(n))));

      expect(events.map(({ seqNum, object }) => [seqNum, object])).toEqual(
        span(1, 100).map((n) => [n, { n }]),
      );
      expect(await readAll(store)).toStrictEqual(events);
    });

    test('a store appends single events and batches in the order of the calls', async () => {
      const store = await open();

      await Promise.all([
        store.storeEvent(created(1)),
        store.storeEvents([created(2), created(3), created(4)]),
        store.storeEvent(created(5)),
        store.storeEvents([created(6), created(7)]),
      ]);

      expect((await readAll(store)).map(({ object }) => object)).toEqual(span(1, 7).map((n) => ({ n })));
    });

    test.each([
      [
        'nested objects',
        request('CREATE', 'Job', {
          id: 'j1',
          tags: ['a', 'b'],
          nested: { none: null, yes: true, half: 0.5 },
        }),
      ],
      ['special characters', request('UPDATE', 'Ünïcode 💾', 'text with \u0000, \ud800 and 😀')],
      ['null as object', request('DELETE', 'T', null)],
      ['0 as object', request('CREATE', 'n', 0)],
      ['an empty list as object', request('CREATE', 'list', [])],
      ['a long text as object', request('CREATE', 'long', 'x'.repeat(200_000))],
    ])(
      'storeEvent resolves with the event that a read returns later, for an event with %s',
      async (_name, stored) => {
        const store = await open();

        const event = await store.storeEvent(stored);

        expect(event).toMatchObject({ ...stored, seqNum: 1 });
        expect(event.timestamp).toBeInstanceOf(Date);
        expect(Object.keys(event).sort()).toEqual([
          'object',
          'objectType',
          'operation',
          'seqNum',
          'timestamp',
        ]);
        expect(await readAll(store)).toStrictEqual([event]);
      },
    );

    test('an event is visible to readers before the Promise of its append resolves', async () => {
      const store = await open();

      for (const n of span(1, 20)) {
        await store.storeEvent(created(n));
        expect(await firstValueFrom(store.getLatestSeqNum())).toBe(n);
        expect(await readAll(store)).toHaveLength(n);
      }
    });

    test('getLatestSeqNum emits 0 if no event was ever stored', async () => {
      const store = await open();

      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(0);
      expect(await readAll(store)).toEqual([]);
    });

    test('getLatestSeqNum emits the latest sequence number at each subscription', async () => {
      const store = await open();
      const latestSeqNum = store.getLatestSeqNum();

      await store.storeEvents([created(1), created(2)]);
      expect(await firstValueFrom(latestSeqNum)).toBe(2);
      await store.storeEvent(created(3));
      expect(await firstValueFrom(latestSeqNum)).toBe(3);
    });
  });
