import { SerializationError, type StoreOptions } from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** A text that takes so many bytes as JSON. */
const text = (bytes: number, letter = 'x') =>
  request('CREATE', 'Text', letter.repeat((bytes - 2) / Buffer.byteLength(letter)));

const MIB = 1024 * 1024;

/** The largest object. */
export const describeBounding = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('an object', () => {
    test.each<[string, StoreOptions, number]>([
      ['maxEventBytes', { maxEventBytes: 100 }, 100],
      ['a mebibyte, unless it is told otherwise', {}, MIB],
      ['a mebibyte, if it is told nothing', { maxEventBytes: undefined }, MIB],
      ['much more, if it is told so', { maxEventBytes: 3 * MIB }, 3 * MIB],
    ])('may take %s, and no byte more', async (_bytes, options, most) => {
      const store = await open(options);

      await store.storeEvent(text(most));
      await store.storeEvent(text(most, 'é'));
      for (const tooLarge of [text(most + 1), text(most + 2, 'é')]) {
        const failure = await failureOf(store.storeEvent(tooLarge));
        expect(failure).toBeInstanceOf(SerializationError);
        expect(faultPaths(failure)).toEqual(['object']);
        expect(String(failure)).toMatch(/maxEventBytes/);
      }

      const stored = await readAll(store);
      expect(stored.map(({ object }) => object)).toEqual([text(most).object, text(most, 'é').object]);
    });

    test('that is too large fails its batch, which tells of all that are', async () => {
      const store = await open({ maxEventBytes: 100 });

      const failure = await failureOf(store.storeEvents([text(101), created(1), text(100), text(999)]));

      expect(failure).toBeInstanceOf(SerializationError);
      expect(faultPaths(failure)).toEqual(['0.object', '3.object']);
      expect(await readAll(store)).toEqual([]);
    });

    if (!supports.reopen) return;
    test('that was stored is read, however small the largest has become', async () => {
      const before = await open();
      await before.storeEvents([text(5000), created(2)]);
      await before.close();

      const after = await open({ maxEventBytes: 1 });

      expect(seqNums(await readAll(after))).toEqual([1, 2]);
    });
  });
