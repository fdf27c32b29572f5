import * as t from 'io-ts';
import { type EventStore, InvalidRequestError, SerializationError, StoreError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { faultyStore, loadEvents } from 'rx-watcher/testing';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../src/testing/conformance/support/requests.ts';

const valid = JSON.stringify(created(1));
const line = (parts: object) => JSON.stringify({ ...created(1), ...parts });

/** Loads lines of which one is invalid, and returns the faults of the error. */
const faultsOfLoad = async (
  lines: Iterable<string>,
  store: EventStore = createMemoryStore(),
): Promise<unknown> => {
  const error = await failureOf(lastValueFrom(loadEvents(store, lines)));
  expect(error).toBeInstanceOf(InvalidRequestError);
  return (error as InvalidRequestError).faults;
};

describe('the error of loadEvents for an invalid line', () => {
  it.each([
    ['is not JSON', '{"operation":', '', /^must be JSON: /],
    ['is truncated', valid.slice(0, -3), '', /^must be JSON: /],
    ['has two JSON values', `${valid}${valid}`, '', /^must be JSON: /],
    ['is a number', '17', '', /^must be an event \{ operation, objectType, object \}; received 17$/],
    ['is null', 'null', '', /^must be an event/],
    [
      'has no operation',
      '{"objectType":"Job","object":1}',
      'operation',
      /^must be 'CREATE', 'UPDATE' or 'DELETE'/,
    ],
    [
      'has an unknown operation',
      line({ operation: 'READ' }),
      'operation',
      /received a string of 4 characters/,
    ],
    [
      'has a number as its object type',
      line({ objectType: 5 }),
      'objectType',
      /^must be a string; received 5$/,
    ],
    ['has a blank object type', line({ objectType: ' ' }), 'objectType', /not blank/],
    ['has null as its key', line({ key: null }), 'key', /^must be a well-formed string/],
    ['has an empty id', line({ id: '' }), 'id', /^must be a well-formed string of 1 to 256 bytes/],
    ['has metadata that is not text', line({ metadata: { n: 5 } }), 'metadata.n', /received 5$/],
    ['has an object type that is too long', line({ objectType: 'x'.repeat(1025) }), 'objectType', /1024/],
  ])(
    'the error of loadEvents contains the number of a line that %s',
    async (_name, invalid, path, message) => {
      const where = path === '' ? 'line 4' : `line 4: ${path}`;

      expect(await faultsOfLoad([valid, '', valid, invalid, valid])).toEqual([
        { path: where, message: expect.stringMatching(message) },
      ]);
    },
  );

  it('the error of loadEvents contains the number of a line without an object', async () => {
    const lines = [valid, '{"operation":"CREATE","objectType":"Job"}'];

    const error = await failureOf(lastValueFrom(loadEvents(createMemoryStore(), lines)));

    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(/^invalid request: line 2: object: is missing/);
  });

  it('the error of loadEvents contains the number of each line that does not match the codec of its object type', async () => {
    const store = createMemoryStore({ codecs: { Job: t.type({ n: t.number }) } });
    const lines = [valid, line({ object: { n: 'one' } }), '', line({ objectType: 'Run' })];

    const error = await failureOf(lastValueFrom(loadEvents(store as EventStore, lines)));

    expect(error).toBeInstanceOf(SerializationError);
    const paths = (error as SerializationError).faults.map(({ path }) => path);
    expect(paths).toEqual(['line 2: object.n', expect.stringMatching(/^line 4/)]);
  });

  it('the error of loadEvents contains the invalid value of a line', async () => {
    const error = await failureOf(
      lastValueFrom(loadEvents(createMemoryStore(), [valid, line({ objectType: 5 })])),
    );

    expect((error as Error).message).toContain('line 2: objectType: must be a string; received 5');
  });

  it.each<[string, readonly string[]]>([
    [
      'of a stored event',
      [line({ id: 'a' }), ...span(2, 1000).map(() => valid), line({ id: 'a', key: 'k' })],
    ],
    [
      'of an earlier line of its batch',
      [...span(1, 998).map(() => ''), line({ id: 'a' }), line({ id: 'a' }), line({ id: 'a', key: 'k' })],
    ],
  ])(
    'the error of loadEvents contains the number of a line that has the id %s but another key',
    async (_what, lines) => {
      const error = await failureOf(lastValueFrom(loadEvents(createMemoryStore(), lines)));

      expect(error).toMatchObject({ code: 'ERR_DUPLICATE_ID', id: 'a', differences: ['key'] });
      expect((error as Error).message).toMatch(/^line 1001: the id 'a' belongs to /);
    },
  );

  it('loadEvents counts all lines of the file in its error, including the lines of batches that are already stored', async () => {
    const store = createMemoryStore();
    const lines = [...span(1, 2345).map(() => valid), '{}'];

    expect(await faultsOfLoad(lines, store)).toMatchObject([{ path: 'line 2346: operation' }]);
    // The invalid line does not undo the batches before its own batch.
    expect(await readAll(store)).toHaveLength(2000);
  });
});

describe('a line that loadEvents accepts', () => {
  it('a line for loadEvents can end with a carriage return, and the first line can begin with a byte order mark', async () => {
    const store = createMemoryStore();

    await lastValueFrom(loadEvents(store, [`\ufeff${valid}\r`, '\r', `  ${valid}\t`]));

    expect(await readAll(store)).toHaveLength(2);
  });

  it('a line for loadEvents can contain a number, a timestamp and other properties, which are ignored', async () => {
    const store = createMemoryStore();

    const event = await lastValueFrom(
      loadEvents(store, [line({ seqNum: 17, timestamp: 'long ago', more: 1 })]),
    );

    expect(event).toMatchObject({ seqNum: 1, object: { n: 1 }, timestamp: expect.any(Date) });
    expect(event).not.toHaveProperty('more');
  });
});

it('loadEvents errors with the error of the store if the append of a line fails', async () => {
  const error = new StoreError('disk full');
  const store = faultyStore(createMemoryStore(), [{ method: 'storeEvents', error }]);

  expect(await failureOf(lastValueFrom(loadEvents(store, [valid])))).toBe(error);
});
