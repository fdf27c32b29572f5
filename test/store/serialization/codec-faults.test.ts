import * as t from 'io-ts';
import { createEventStore, messagePackSerializer, type StoreOptions, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { failureOf, faultPaths } from '../../../src/testing/conformance/support/fault-paths.ts';

const failureFor = (codec: t.Mixed, object: unknown, options: StoreOptions = {}): Promise<unknown> => {
  const store = createMemoryStore({ ...options, codecs: { T: codec } });
  return failureOf(store.storeEvent({ operation: 'CREATE', objectType: 'T', object: object as never }));
};

const A = t.type({ a: t.number });
const Leaf = t.type({ kind: t.literal('leaf'), a: t.number });
const Tree: t.Mixed = t.recursion<unknown>(
  'Tree',
  () => t.union([Leaf, t.type({ kind: t.literal('node'), in: Tree })]) as t.Mixed,
);

describe('the faults of an object that does not match its codec', () => {
  test.each([
    ['a tuple', t.type({ p: t.tuple([t.string, A]) }), { p: ['x', { a: 'x' }] }, 'object.p.1.a'],
    ['a tuple that is too long', t.type({ p: t.tuple([A]) }), { p: [{ a: 1 }, 2] }, 'object.p'],
    ['a refinement', t.type({ p: t.refinement(A, ({ a }) => a > 0) }), { p: { a: 'x' } }, 'object.p.a'],
    [
      'a refinement that returns false',
      t.type({ p: t.refinement(A, () => false) }),
      { p: { a: 1 } },
      'object.p',
    ],
    [
      'a brand',
      t.type({ p: t.brand(A, (_): _ is t.Branded<{ a: number }, { readonly Odd: symbol }> => true, 'Odd') }),
      { p: { a: 'x' } },
      'object.p.a',
    ],
    [
      'a union with one kind of objects',
      t.type({ p: t.union([A, t.null]) }),
      { p: { a: 'x' } },
      'object.p.a',
    ],
    [
      'a union with tags',
      t.type({
        p: t.union([
          t.type({ k: t.literal('a'), v: t.array(t.number) }),
          t.intersection([t.type({ k: t.literal('b') }), t.type({ v: t.string })]),
        ]),
      }),
      { p: { k: 'a', v: [1, 'x'] } },
      'object.p.v.1',
    ],
    [
      'a union without a matching tag',
      t.union([t.type({ k: t.literal('a') }), t.null]),
      { k: 'c' },
      'object',
    ],
    ['a union of a list', t.union([t.readonlyArray(t.exact(A)), A]), [{ a: 1 }, { a: 'x' }], 'object.1.a'],
    [
      'a recursive union',
      Tree,
      { kind: 'node', in: { kind: 'node', in: { kind: 'leaf', a: 'x' } } },
      'object.in.in.a',
    ],
  ] as const)(
    'the faults of an object that does not match its codec have paths that lead into %s',
    async (_name, codec, object, path) => {
      expect(faultPaths(await failureFor(codec, object))).toEqual([path]);
    },
  );

  test('an object that does not match its codec has at most 100 faults, followed by the number of further faults', async () => {
    const failure = await failureFor(t.array(t.number), new Array(250).fill('x'));

    expect(faultPaths(failure)).toHaveLength(101);
    expect(faultPaths(failure).at(99)).toBe('object.99');
    expect((failure as Error).message).toMatch(/object: has 150 more faults, which are not listed$/);
  });

  test('storeEvent lists at most 100 faults also if the codec encodes the object, but cannot decode the encoded object', async () => {
    const unequal = new t.Type<unknown>(
      'numbers',
      (_): _ is unknown => true,
      t.array(t.number).validate,
      t.identity,
    );

    const failure = await failureFor(unequal, new Array(250).fill('x'));

    expect(faultPaths(failure).length).toBeLessThanOrEqual(101);
    expect((failure as Error).message).toContain('has 150 more faults');
  });
});

test('storeEvent rejects an object with bytes larger than maxEventBytes before it encodes the bytes', async () => {
  const store = createMemoryStore({ serializer: messagePackSerializer(), maxEventBytes: 100 });

  const failure = await failureOf(
    store.storeEvent({ operation: 'CREATE', objectType: 'T', object: { bytes: new Uint8Array(200) } }),
  );

  expect((failure as Error).message).toContain(
    'object: must be at most 100 bytes (maxEventBytes); received more',
  );
});

test('no value of an object appears in the message of its SerializationError or DeserializationError', async () => {
  const log = createMemoryEventLog();
  const secrets = { name: 'hunter2', pin: 4711, list: [{ card: 'hunter2' }], ok: 'hunter2' };
  const request = { operation: 'CREATE', objectType: 'T', object: secrets } as const;
  const strict = t.type({
    name: t.number,
    pin: t.string,
    list: t.array(t.type({ card: t.number })),
    ok: t.string,
  });
  const reader = createEventStore(log, { codecs: { T: strict } });

  const written = await failureOf(reader.storeEvent(request as never));
  await createEventStore(log, {}).storeEvent(request);
  const read = await failureOf(lastValueFrom(reader.events(trimHorizon(), { live: false })));

  for (const failure of [written, read]) {
    expect(faultPaths(failure)).toEqual(['object.name', 'object.pin', 'object.list.0.card']);
    expect((failure as Error).message).not.toMatch(/hunter2|4711/);
    expect((failure as Error).message).toContain(
      'object.name: must be a number; received a string of 7 characters',
    );
  }
});
