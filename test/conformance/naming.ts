import fc from 'fast-check';
import { createManager, type EventStore, InvalidOptionsError, InvalidRequestError, watch } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { failureOf, faultPaths } from './fault-paths.ts';
import { readAll } from './read-all.ts';
import { created, request, seqNums } from './requests.ts';
import type { OpenStore } from './store-fixture.ts';

/** The longest id that every engine has room for, in bytes of UTF-8. */
const LONGEST = 1977;

const longestIds: readonly [string, string][] = [
  ['letters', 'x'.repeat(LONGEST)],
  ['accented letters', 'é'.repeat(988)],
  ['ideographs', '監'.repeat(659)],
  ['emoji', '😀'.repeat(494)],
  ['lone surrogates', '\ud800'.repeat(659)],
  ['NULs', '\0'.repeat(988)],
  ['letters behind a control character', `\u0001${'x'.repeat(LONGEST - 2)}`],
];

const tooLong: readonly [string, string][] = [
  ['one letter too many', 'x'.repeat(LONGEST + 1)],
  ['many letters', 'x'.repeat(100_000)],
  ['accented letters of too many bytes', 'é'.repeat(989)],
  ['ideographs of too many bytes', '監'.repeat(660)],
  ['emoji of too many bytes', '😀'.repeat(495)],
  ['NULs, which are escaped', '\0'.repeat(989)],
  ['lone surrogates of too many bytes', '\ud800'.repeat(660)],
];

const handler = () => undefined;

/** All that takes the id of a watcher. */
const takers: readonly [string, (store: EventStore, id: string) => Promise<unknown>][] = [
  ['storeCheckpoint', (store, id) => store.storeCheckpoint(id, 1)],
  ['getCheckpoint', (store, id) => firstValueFrom(store.getCheckpoint(id))],
  ['deleteCheckpoint', (store, id) => store.deleteCheckpoint(id)],
  ['a manager', async (store, id) => createManager(store).create(id, { handler })],
  ['watch', (store, id) => firstValueFrom(watch(store, id, { handler }))],
  [
    'watch without a checkpoint',
    (store, id) => firstValueFrom(watch(store, id, { handler, ephemeral: true })),
  ],
];

const codeUnit = fc
  .oneof(fc.nat(0xffff), fc.constantFrom(0, 9, 32, 0xd800, 0xdfff, 0xfffe))
  .map((unit) => String.fromCharCode(unit));
const isName = (objectType: string): boolean =>
  objectType.trim() !== '' && objectType.length <= 1024 && !/\p{Surrogate}/u.test(objectType);

const anyText = fc.oneof(
  fc.string({ unit: codeUnit, maxLength: 20 }),
  fc.string({ unit: codeUnit, minLength: 60, maxLength: 600, size: 'max' }),
);

/** Names, of watchers and of kinds of objects: what is taken is kept as it is, and the rest refused. */
export const describeNaming = (open: OpenStore) =>
  describe('a name', () => {
    test.each(longestIds)('of a watcher may be as long as this: %s', async (_of, id) => {
      const store = await open();
      await store.storeEvent(created(1));

      await store.storeCheckpoint(id, 0);
      await firstValueFrom(watch(store, id, { handler }));
      expect([...(await firstValueFrom(store.checkpoints())).keys()]).toEqual([id]);
      await store.deleteCheckpoint(id);

      expect(await firstValueFrom(store.getCheckpoint(id))).toBeUndefined();
    });

    describe.each([...tooLong, ['nothing', ''], ['blanks', ' \n\u3000']])(
      'of a watcher, of %s,',
      (_of, id) => {
        test.each(takers)('is refused by %s: InvalidOptionsError', async (_name, take) => {
          const store = await open();
          await store.storeEvent(created(1));

          const failure = await failureOf(take(store, id));

          expect(failure).toBeInstanceOf(InvalidOptionsError);
          expect(String(failure).length).toBeLessThan(300);
          expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
        });
      },
    );

    test('of a kind of objects is kept as it is, or refused: InvalidRequestError', async () => {
      const store = await open();
      const told: string[] = [];

      await fc.assert(
        fc.asyncProperty(anyText, async (objectType) => {
          const [stored] = await Promise.allSettled([store.storeEvent(request('CREATE', objectType))]);
          if (stored.status === 'fulfilled') {
            expect(stored.value.objectType).toBe(objectType);
            told.push(objectType);
          } else {
            expect(stored.reason).toBeInstanceOf(InvalidRequestError);
            expect(faultPaths(stored.reason)).toEqual(['objectType']);
            expect(isName(objectType)).toBe(false);
          }
        }),
      );

      expect((await readAll(store)).map(({ objectType }) => objectType)).toEqual(told);
    });

    test.each(['é', 'e\u0301', ' Job', 'Job', 'Job\0', '\0', '😀', '__proto__', '監'.repeat(1024)])(
      'of a kind of objects is told from those that look like it: %j',
      async (objectType) => {
        const store = await open();
        const types = [
          'é',
          'e\u0301',
          'job',
          ' Job',
          'Job',
          'Job\0',
          '\0',
          '😀',
          '__proto__',
          '監'.repeat(1024),
        ];
        await store.storeEvents(types.map((type) => request('CREATE', type)));

        const events = await readAll(store, undefined, { filter: { objectTypes: [objectType] } });

        expect(seqNums(events)).toEqual([types.indexOf(objectType) + 1]);
        expect(events[0]?.objectType).toBe(objectType);
      },
    );

    test('of a watcher is kept as it is, or refused: InvalidOptionsError', async () => {
      const store = await open();
      const told = new Set<string>();

      await fc.assert(
        fc.asyncProperty(anyText, async (id) => {
          const [stored] = await Promise.allSettled([store.storeCheckpoint(id, id.length)]);
          if (stored.status === 'fulfilled') {
            told.add(id);
            expect(await firstValueFrom(store.getCheckpoint(id))).toBe(id.length);
          } else expect(stored.reason).toBeInstanceOf(InvalidOptionsError);
          expect(stored.status).toBe(id.trim() === '' ? 'rejected' : 'fulfilled');
        }),
      );

      expect(new Set((await firstValueFrom(store.checkpoints())).keys())).toEqual(told);
    });
  });
