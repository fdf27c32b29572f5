import fc from 'fast-check';
import { type EventStore, InvalidOptionsError, InvalidRequestError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { faultPaths } from '../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { request } from '../../src/testing/conformance/support/requests.ts';
import { testStore } from '../support/lmdb/test-store.ts';

const codeUnit = fc
  .oneof(fc.nat(0xffff), fc.constantFrom(0, 9, 32, 0xd800, 0xdfff, 0xfffe))
  .map((unit) => String.fromCharCode(unit));
const isName = (objectType: string): boolean =>
  objectType.trim() !== '' && objectType.length <= 1024 && !/\p{Surrogate}/u.test(objectType);

const anyText = fc.oneof(
  fc.string({ unit: codeUnit, maxLength: 20 }),
  fc.string({ unit: codeUnit, minLength: 60, maxLength: 600, size: 'max' }),
);

const engines: readonly [string, () => EventStore][] = [
  ['in memory', createMemoryStore],
  ['on LMDB', testStore],
];

describe.each(engines)('a store %s', (_engine, open) => {
  test('a store stores any object type unchanged, or rejects the request with an InvalidRequestError', async () => {
    const store = await open();
    const accepted: string[] = [];

    await fc.assert(
      fc.asyncProperty(anyText, async (objectType) => {
        const [stored] = await Promise.allSettled([store.storeEvent(request('CREATE', objectType))]);
        if (stored.status === 'fulfilled') {
          expect(stored.value.objectType).toBe(objectType);
          accepted.push(objectType);
        } else {
          expect(stored.reason).toBeInstanceOf(InvalidRequestError);
          expect(faultPaths(stored.reason)).toEqual(['objectType']);
          expect(isName(objectType)).toBe(false);
        }
      }),
    );

    expect((await readAll(store)).map(({ objectType }) => objectType)).toEqual(accepted);
  });
  test('a store stores the checkpoint of any watcher id unchanged, or rejects the id with an InvalidOptionsError', async () => {
    const store = await open();
    const accepted = new Set<string>();

    await fc.assert(
      fc.asyncProperty(anyText, async (id) => {
        const [stored] = await Promise.allSettled([store.storeCheckpoint(id, id.length)]);
        if (stored.status === 'fulfilled') {
          accepted.add(id);
          expect(await firstValueFrom(store.getCheckpoint(id))).toBe(id.length);
        } else expect(stored.reason).toBeInstanceOf(InvalidOptionsError);
        expect(stored.status).toBe(id.trim() === '' ? 'rejected' : 'fulfilled');
      }),
    );

    expect(new Set((await firstValueFrom(store.checkpoints())).keys())).toEqual(accepted);
  });
});
