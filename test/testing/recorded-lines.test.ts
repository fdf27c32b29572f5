import * as t from 'io-ts';
import { type EventStore, InvalidRequestError, SerializationError, StoreError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { faultyStore, loadEvents } from 'rx-watcher/testing';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../src/testing/conformance/support/requests.ts';

const good = JSON.stringify(created(1));
const line = (parts: object) => JSON.stringify({ ...created(1), ...parts });

/** What is told of a log with a line that is refused. */
const told = async (lines: Iterable<string>, store: EventStore = createMemoryStore()): Promise<unknown> => {
  const error = await failureOf(lastValueFrom(loadEvents(store, lines)));
  expect(error).toBeInstanceOf(InvalidRequestError);
  return (error as InvalidRequestError).faults;
};

describe('a line that is refused', () => {
  it.each([
    ['is no JSON', '{"operation":', '', /^is no JSON: /],
    ['is cut off', good.slice(0, -3), '', /^is no JSON: /],
    ['is two', `${good}${good}`, '', /^is no JSON: /],
    ['is another value', '17', '', /^must be an event \{ operation, objectType, object \}; received 17$/],
    ['is null', 'null', '', /^must be an event/],
    [
      'has no operation',
      '{"objectType":"Job","object":1}',
      'operation',
      /^must be 'CREATE', 'UPDATE' or 'DELETE'/,
    ],
    ['has another operation', line({ operation: 'READ' }), 'operation', /received a string of 4 characters/],
    ['has a number for a type', line({ objectType: 5 }), 'objectType', /^must be a string; received 5$/],
    ['has a blank type', line({ objectType: ' ' }), 'objectType', /not blank/],
    ['has a type that is too long', line({ objectType: 'x'.repeat(1025) }), 'objectType', /1024/],
  ])('because it %s is named', async (_why, bad, path, message) => {
    const where = path === '' ? 'line 4' : `line 4: ${path}`;

    expect(await told([good, '', good, bad, good])).toEqual([
      { path: where, message: expect.stringMatching(message) },
    ]);
  });

  it('because it has no object is named', async () => {
    const lines = [good, '{"operation":"CREATE","objectType":"Job"}'];

    const error = await failureOf(lastValueFrom(loadEvents(createMemoryStore(), lines)));

    expect(error).toBeInstanceOf(SerializationError);
    expect((error as Error).message).toMatch(/^cannot store an object of type 'Job': line 2: object: /);
  });

  it('by the codec of its type is named, and so is each other', async () => {
    const store = createMemoryStore({ codecs: { Job: t.type({ n: t.number }) } });
    const lines = [good, line({ object: { n: 'one' } }), '', line({ objectType: 'Run' })];

    const error = await failureOf(lastValueFrom(loadEvents(store as EventStore, lines)));

    expect(error).toBeInstanceOf(SerializationError);
    const paths = (error as SerializationError).faults.map(({ path }) => path);
    expect(paths).toEqual(['line 2: object.n', expect.stringMatching(/^line 4/)]);
  });

  it('is told of with what it was, in words', async () => {
    const error = await failureOf(
      lastValueFrom(loadEvents(createMemoryStore(), [good, line({ objectType: 5 })])),
    );

    expect((error as Error).message).toContain('line 2: objectType: must be a string; received 5');
  });

  it('is counted as an editor counts, over thousands of lines', async () => {
    const store = createMemoryStore();
    const lines = [...span(1, 2345).map(() => good), '{}'];

    expect(await told(lines, store)).toMatchObject([{ path: 'line 2346: operation' }]);
    // What was stored at one go before it stays.
    expect(await readAll(store)).toHaveLength(2000);
  });
});

describe('a line that is taken', () => {
  it('may end as on Windows, and the first may begin with a byte order mark', async () => {
    const store = createMemoryStore();

    await lastValueFrom(loadEvents(store, [`\ufeff${good}\r`, '\r', `  ${good}\t`]));

    expect(await readAll(store)).toHaveLength(2);
  });

  it('may have a number, a time and more, which are left', async () => {
    const store = createMemoryStore();

    const event = await lastValueFrom(
      loadEvents(store, [line({ seqNum: 17, timestamp: 'long ago', more: 1 })]),
    );

    expect(event).toMatchObject({ seqNum: 1, object: { n: 1 }, timestamp: expect.any(Date) });
    expect(event).not.toHaveProperty('more');
  });
});

it('a store that fails is told of as it is', async () => {
  const error = new StoreError('disk full');
  const store = faultyStore(createMemoryStore(), [{ method: 'storeEvents', error }]);

  expect(await failureOf(lastValueFrom(loadEvents(store, [good])))).toBe(error);
});
