import { firstValueFrom } from 'rxjs';
import { createManager, type EventStore, InvalidOptionsError, watch } from '../../../../index.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** Maximum length of a watcher id that every engine supports, in bytes of UTF-8. */
const MAX_BYTES = 1977;

const longestIds: readonly [string, string][] = [
  ['ASCII characters', 'x'.repeat(MAX_BYTES)],
  ['accented characters', 'é'.repeat(988)],
  ['ideographs', '監'.repeat(659)],
  ['emoji', '😀'.repeat(494)],
  ['lone surrogates', '\ud800'.repeat(659)],
  ['NULs', '\0'.repeat(988)],
  ['a control character and ASCII characters', `\u0001${'x'.repeat(MAX_BYTES - 2)}`],
];

const tooLong: readonly [string, string][] = [
  ['one character too many', 'x'.repeat(MAX_BYTES + 1)],
  ['100 000 characters', 'x'.repeat(100_000)],
  ['accented characters with too many bytes', 'é'.repeat(989)],
  ['ideographs with too many bytes', '監'.repeat(660)],
  ['emoji with too many bytes', '😀'.repeat(495)],
  ['escaped NULs with too many bytes', '\0'.repeat(989)],
  ['lone surrogates with too many bytes', '\ud800'.repeat(660)],
];

const handler = () => undefined;

/** Calls of functions with a watcher id: the name of the function, and the call. */
const idCalls: readonly [string, (store: EventStore, id: string) => Promise<unknown>][] = [
  ['storeCheckpoint', (store, id) => store.storeCheckpoint(id, 1)],
  ['getCheckpoint', (store, id) => firstValueFrom(store.getCheckpoint(id))],
  ['deleteCheckpoint', (store, id) => store.deleteCheckpoint(id)],
  ['create', async (store, id) => createManager(store).create(id, { handler })],
  ['watch', (store, id) => firstValueFrom(watch(store, id, { handler }))],
  ['watch with ephemeral', (store, id) => firstValueFrom(watch(store, id, { handler, ephemeral: true }))],
];

/** Declares the tests of watcher ids and object types: valid names are stored unchanged, and invalid names are rejected. */
export const describeNaming = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a store with unusual watcher ids and object types', () => {
    test.each(longestIds)('a store accepts a watcher id of the maximum length: %s', async (_name, id) => {
      const store = await open();
      await store.storeEvent(created(1));

      await store.storeCheckpoint(id, 0);
      await firstValueFrom(watch(store, id, { handler }));
      expect([...(await firstValueFrom(store.checkpoints())).keys()]).toEqual([id]);
      await store.deleteCheckpoint(id);

      expect(await firstValueFrom(store.getCheckpoint(id))).toBeUndefined();
    });

    describe.each([...tooLong, ['an empty string', ''], ['blanks', ' \n\u3000']])(
      'with a watcher id that is not valid (%s)',
      (_name, id) => {
        test.each(idCalls)(
          'a call of %s with an invalid watcher id is rejected with an InvalidOptionsError',
          async (_call, call) => {
            const store = await open();
            await store.storeEvent(created(1));

            const failure = await failureOf(call(store, id));

            expect(failure).toBeInstanceOf(InvalidOptionsError);
            expect(String(failure).length).toBeLessThan(300);
            expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
          },
        );
      },
    );

    test.each(['é', 'e\u0301', ' Job', 'Job', 'Job\0', '\0', '😀', '__proto__', '監'.repeat(1024)])(
      'a store distinguishes an object type from similar object types: %j',
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
  });
