import { SerializationError, type StoreOptions } from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** Creates a request with a text as its object. The text takes `bytes` bytes as JSON. */
const text = (bytes: number, character = 'x') =>
  request('CREATE', 'Text', character.repeat((bytes - 2) / Buffer.byteLength(character)));

const MIB = 1024 * 1024;

export const describeBounding = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the option maxEventBytes', () => {
    test.each<[string, StoreOptions, number]>([
      ['100 bytes', { maxEventBytes: 100 }, 100],
      ['1 MiB by default', {}, MIB],
      ['1 MiB if it is undefined', { maxEventBytes: undefined }, MIB],
      ['3 MiB', { maxEventBytes: 3 * MIB }, 3 * MIB],
    ])('maxEventBytes limits the size of a serialized object to %s', async (_limit, options, max) => {
      const store = await open(options);

      await store.storeEvent(text(max));
      await store.storeEvent(text(max, 'é'));
      for (const tooLarge of [text(max + 1), text(max + 2, 'é')]) {
        const failure = await failureOf(store.storeEvent(tooLarge));
        expect(failure).toBeInstanceOf(SerializationError);
        expect(faultPaths(failure)).toEqual(['object']);
        expect(String(failure)).toMatch(/maxEventBytes/);
      }

      const stored = await readAll(store);
      expect(stored.map(({ object }) => object)).toEqual([text(max).object, text(max, 'é').object]);
    });

    test('a batch is rejected with a fault for each object that is larger than maxEventBytes', async () => {
      const store = await open({ maxEventBytes: 100 });

      const failure = await failureOf(store.storeEvents([text(101), created(1), text(100), text(999)]));

      expect(failure).toBeInstanceOf(SerializationError);
      expect(faultPaths(failure)).toEqual(['0.object', '3.object']);
      expect(await readAll(store)).toEqual([]);
    });

    if (!supports.reopen) return;
    test('maxEventBytes does not prevent reads of larger objects that are already stored', async () => {
      const before = await open();
      await before.storeEvents([text(5000), created(2)]);
      await before.close();

      const after = await open({ maxEventBytes: 1 });

      expect(seqNums(await readAll(after))).toEqual([1, 2]);
    });
  });
