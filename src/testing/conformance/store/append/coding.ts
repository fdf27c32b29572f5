import * as t from 'io-ts';
import { afterSequenceNumber, DeserializationError, SerializationError } from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** Codec of a number that is stored as a string. */
const NumberOfText = new t.Type<number, string>(
  'a number',
  t.number.is,
  (value, context) => (t.string.is(value) ? t.success(Number(value)) : t.failure(value, context)),
  String,
);
const codecs = {
  Job: t.type({ n: t.number }),
  Price: t.type({ of: t.type({ net: NumberOfText, gross: NumberOfText }) }),
};

export const describeCoding = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a store with codecs', () => {
    test('a store with codecs returns and reads objects as the codec decodes them', async () => {
      const store = await open({ codecs, cacheSize: 0 });
      const price = { of: { net: 5, gross: 6 } };

      const event = await store.storeEvent(request('CREATE', 'Price', price));

      expect(event.object).toEqual(price);
      expect(await readAll(store)).toStrictEqual([event]);
    });

    test('a store with codecs rejects an object that does not match its codec, with the path of each fault', async () => {
      const store = await open({ codecs });
      const invalid = request('CREATE', 'Price', { of: { net: '5', gross: undefined } });

      const error = await failureOf(store.storeEvent(invalid));
      expect(error).toBeInstanceOf(SerializationError);
      expect(faultPaths(error)).toEqual(['object.of.net', 'object.of.gross']);
      expect(faultPaths(await failureOf(store.storeEvents([created(1), invalid, created(2)])))).toEqual([
        '1.object.of.net',
        '1.object.of.gross',
      ]);
      expect(await readAll(store)).toEqual([]);
    });

    test('a store with codecs rejects a request with an object type for which there is no codec', async () => {
      const store = await open({ codecs });

      expect(await failureOf(store.storeEvent(request('CREATE', 'Run')))).toBeInstanceOf(SerializationError);
      expect(await readAll(store)).toEqual([]);
    });

    if (!supports.reopen) return;
    test('a read fails only for stored objects that do not match a changed codec', async () => {
      const before = await open();
      const { seqNum } = await before.storeEvent(request('CREATE', 'Price', { of: 7 }));
      const job = await before.storeEvent(created(1));
      await before.close();
      const after = await open({ codecs });

      const error = await failureOf(readAll(after));

      expect(error).toBeInstanceOf(DeserializationError);
      expect(error).toMatchObject({ seqNum });
      expect(await readAll(after, afterSequenceNumber(seqNum))).toEqual([job]);
    });
  });
