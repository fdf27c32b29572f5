import { firstValueFrom } from 'rxjs';
import { createManager, type EventStore, InvalidOptionsError, watch } from '../../../../index.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

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

/** Names, of watchers and of kinds of objects: what is taken is kept as it is, and the rest refused. */
export const describeNaming = ({ describe, expect, test, open }: StoreSuite) =>
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
  });
