import * as E from 'fp-ts/lib/Either.js';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import {
  afterSequenceNumber,
  DeserializationError,
  jsonSerializer,
  SerializationError,
  type Serializer,
  trimHorizon,
} from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { note } from '../../support/note.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const json = jsonSerializer();
const faults = [{ path: 'object.size', message: 'is too large' }];

const decoders: readonly [string, Serializer['decode']][] = [
  ['returns a Left', () => E.left(new DeserializationError(faults))],
  [
    'throws',
    () => {
      throw new Error('is too large');
    },
  ],
];

export const describeUndecodableEvents = ({ describe, expect, test, open }: StoreSuite) =>
  describe('an event that cannot be decoded', () => {
    /** Opens a store of five events. Event 3 cannot be decoded. */
    const openUndecodable = async (decode: Serializer['decode']) => {
      let isUndecodable = false;
      const store = await open({
        cacheSize: 0,
        scheduler: new VirtualClock(),
        serializer: {
          encode: json.encode,
          decode: (bytes, type) => (isUndecodable && type === 'Large' ? decode : json.decode)(bytes, type),
        },
      });
      await store.storeEvents([created(1), created(2), request('CREATE', 'Large'), created(4), created(5)]);
      isUndecodable = true;
      return store;
    };

    test.each(decoders)('a read fails only at the event for which decode %s', async (_name, decode) => {
      const store = await openUndecodable(decode);

      const replay = note(store.events(trimHorizon(), { live: false }));
      await replay.ended;
      expect(seqNums(replay.values)).toEqual([1, 2]);
      expect(replay.error).toBeInstanceOf(DeserializationError);
      expect(replay.error).toMatchObject({ seqNum: 3 });
      expect(String(replay.error)).toContain('is too large');

      const before = await readPage(store, trimHorizon());
      expect(seqNums(before.events)).toEqual([1, 2]);
      expect(await failureOf(readPage(store, before.nextEventIterator))).toMatchObject({ seqNum: 3 });
      expect(seqNums((await readPage(store, afterSequenceNumber(3))).events)).toEqual([4, 5]);
    });

    test.each(decoders)(
      'a read with a filter that excludes an event does not fail if decode %s for that event',
      async (_name, decode) => {
        const store = await openUndecodable(decode);

        const events = await readAll(store, trimHorizon(), { filter: { objectTypes: ['Job'] } });

        expect(seqNums(events)).toEqual(span(1, 5).filter((n) => n !== 3));
      },
    );

    test.each(decoders)(
      'headers() emits the header of an event even if decode %s for that event',
      async (_name, decode) => {
        const store = await openUndecodable(decode);

        const headers = store.headers(trimHorizon(), { live: false }).pipe(toArray());

        expect(seqNums(await lastValueFrom(headers))).toEqual(span(1, 5));
      },
    );

    test.each(decoders)(
      'an event is rejected at its append if decode %s at that time',
      async (_name, decode) => {
        const store = await open({ serializer: { encode: json.encode, decode } });

        const failure = await failureOf(store.storeEvents([created(1), created(2)]));

        expect(failure).toBeInstanceOf(SerializationError);
        expect(faultPaths(failure)).toEqual(['0.object', '1.object']);
        expect(String(failure)).toContain('is too large');
        expect(await failureOf(store.storeEvent(created(1)))).toBeInstanceOf(SerializationError);
        expect(await firstValueFrom(store.getLatestSeqNum())).toBe(0);
      },
    );
  });
