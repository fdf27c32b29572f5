import { deserialize, serialize } from 'node:v8';
import * as E from 'fp-ts/lib/Either.js';
import { jsonSerializer, SerializationError, type Serializer } from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const json = jsonSerializer();
const faults = [{ path: 'object.size', message: 'is too large' }];

const v8: Serializer = {
  encode: (object) => E.right(serialize(object)),
  decode: (bytes) => E.right(deserialize(bytes)),
};

export const describeSerializing = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a custom serializer', () => {
    test('a custom serializer encodes and decodes objects, and receives their object type', async () => {
      const types: string[] = [];
      const store = await open({
        serializer: {
          encode(object, objectType) {
            types.push(objectType);
            return v8.encode(object, objectType);
          },
          decode(bytes, objectType) {
            types.push(objectType);
            return v8.decode(bytes, objectType);
          },
        },
      });
      const object = new Map<string, unknown>([
        ['when', new Date(5)],
        ['big', 5n],
      ]);

      await store.storeEvent(request('CREATE', 'Any', object));

      expect((await readAll(store))[0]?.object).toEqual(object);
      expect(new Set(types)).toEqual(new Set(['Any']));
    });

    test('a custom serializer can support objects that refer to themselves', async () => {
      const store = await open({ serializer: v8 });
      const loop: { self?: unknown } = {};
      loop.self = loop;

      const event = await store.storeEvent(request('CREATE', 'Loop', loop));

      expect((event.object as typeof loop).self).toBe(event.object);
      const [read] = (await readAll(store)) as { object: typeof loop }[];
      expect(read?.object.self).toBe(read?.object);
    });

    test('a custom serializer can return bytes that the caller changes later, because the store copies the bytes at the call', async () => {
      const store = await open({
        serializer: {
          encode: (object) => E.right(object as Uint8Array),
          decode: (bytes) => E.right(Uint8Array.from(bytes)),
        },
      });
      const bytes = Uint8Array.of(1, 2, 3);

      const stored = store.storeEvent(request('CREATE', 'Bytes', bytes));
      bytes.fill(9);

      expect((await stored).object).toEqual(Uint8Array.of(1, 2, 3));
      expect((await readAll(store))[0]?.object).toEqual(Uint8Array.of(1, 2, 3));
    });

    test.each<[string, Serializer['encode'], string]>([
      ['returns a Left', (_object, type) => E.left(new SerializationError(type, faults)), 'object.size'],
      [
        'throws',
        () => {
          throw new Error('is too large');
        },
        'object',
      ],
    ])(
      'a whole batch is rejected if the function encode of the serializer %s',
      async (_name, encode, path) => {
        const store = await open({
          serializer: {
            ...json,
            encode: (object, type) => (type === 'Large' ? encode : json.encode)(object, type),
          },
        });

        const error = await failureOf(store.storeEvents([created(1), request('CREATE', 'Large')]));

        expect(error).toBeInstanceOf(SerializationError);
        expect(faultPaths(error)).toEqual([`1.${path}`]);
        expect(String(error)).toContain('is too large');
        expect(await readAll(store)).toEqual([]);
      },
    );

    test('an append is rejected with the error of encode as the cause, for single events and batches', async () => {
      const thrown = new RangeError('is too large');
      const encode = () => {
        throw thrown;
      };
      const store = await open({ serializer: { ...json, encode } });

      const single = await failureOf(store.storeEvent(created(1)));
      const inBatch = await failureOf(store.storeEvents([created(1)]));

      expect([single, inBatch].map((error) => (error as Error).cause)).toEqual([thrown, thrown]);
    });
  });
