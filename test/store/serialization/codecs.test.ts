import * as t from 'io-ts';
import {
  DeserializationError,
  type Event,
  type EventStore,
  messagePackSerializer,
  ofType,
  SerializationError,
  trimHorizon,
} from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { lastValueFrom, map, type Observable, toArray } from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { failureOf, faultPaths } from '../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { readAll } from '../../../src/testing/conformance/support/read-all.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { testFile, testStore } from '../../support/lmdb/test-store.ts';

/** Codec of a `Date` that is stored as ISO text. */
const DateOfText = new t.Type<Date, string>(
  'a date',
  (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime()),
  (value, context) => {
    const date = new Date(typeof value === 'string' ? value : Number.NaN);
    return Number.isNaN(date.getTime()) ? t.failure(value, context) : t.success(date);
  },
  (date) => date.toISOString(),
);
const Job = t.type({ id: t.string, priority: t.Int });
const Execution = t.intersection([
  t.strict({ job: t.string, at: DateOfText }),
  t.partial({ note: t.string }),
]);
const codecs = { Job, Execution };

const execution = { job: 'j1', at: new Date(1.7e12) };

describe('a store with io-ts codecs', () => {
  test('a store with io-ts codecs encodes and decodes objects by their codecs', async () => {
    const store = createMemoryStore({ codecs });

    const event = await store.storeEvent({ operation: 'CREATE', objectType: 'Execution', object: execution });

    expect(event.object).toEqual(execution);
    expect((await readAll(store as EventStore))[0]?.object).toEqual(execution);
  });

  test('a store with io-ts codecs stores and reads objects with a serializer that is not the default serializer', async () => {
    const store = createMemoryStore({ codecs, serializer: messagePackSerializer() });

    await store.storeEvent({ operation: 'CREATE', objectType: 'Execution', object: execution });

    expect((await readAll(store as EventStore))[0]?.object).toEqual(execution);
  });

  test('a store with io-ts codecs emits events of a union type that objectType narrows', async () => {
    const store = createMemoryStore({ codecs });
    type Events =
      | Event<{ id: string; priority: number }, 'Job'>
      | Event<t.TypeOf<typeof Execution>, 'Execution'>;
    expectTypeOf(store).toExtend<EventStore<Events>>();
    await store.storeEvents([
      { operation: 'CREATE', objectType: 'Job', object: { id: 'j1', priority: 3 as t.Int } },
      { operation: 'CREATE', objectType: 'Execution', object: execution },
    ]);

    const jobs = store.events(trimHorizon(), { live: false }).pipe(
      ofType('Job'),
      map(({ object }) => object.id),
      toArray(),
    );

    expectTypeOf(jobs).toEqualTypeOf<Observable<string[]>>();
    expect(await lastValueFrom(jobs)).toEqual(['j1']);
  });

  test('a store with io-ts codecs rejects an invalid object and an unknown object type, at compile time and at run time', async () => {
    const store = createMemoryStore({ codecs });
    const wrongShape = { operation: 'CREATE', objectType: 'Job', object: { id: 5 } } as const;
    const wrongType = { operation: 'CREATE', objectType: 'Node', object: { id: 'n1' } } as const;

    // @ts-expect-error: the id of a job is a string.
    expect(await failureOf(store.storeEvent(wrongShape))).toBeInstanceOf(SerializationError);
    // @ts-expect-error: there is no codec for nodes.
    expect(await failureOf(store.storeEvent(wrongType))).toBeInstanceOf(SerializationError);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['Job', { id: 5, priority: 0.5 }, ['object.id', 'object.priority']],
    ['Job', 'j1', ['object']],
    ['Execution', { job: 'j1', at: '2026-01-01', note: 5 }, ['object.at', 'object.note']],
    ['Execution', {}, ['object.job', 'object.at']],
    ['Node', { id: 'n1' }, ['objectType']],
    ['toString', {}, ['objectType']],
  ])(
    'a store with io-ts codecs rejects an invalid %s with the path of each fault: %o',
    async (objectType, object, paths) => {
      const store = createMemoryStore({ codecs }) as unknown as EventStore;

      const error = await failureOf(store.storeEvent({ operation: 'CREATE', objectType, object }));

      expect(error).toBeInstanceOf(SerializationError);
      expect(faultPaths(error)).toEqual(paths);
      expect(await readAll(store)).toEqual([]);
    },
  );

  test('a store with io-ts codecs reports the path of a fault inside a recursive codec', async () => {
    interface Tree {
      readonly name: string;
      readonly children: readonly Tree[];
    }
    const Tree: t.Type<Tree> = t.recursion('a tree', () =>
      t.readonly(t.type({ name: t.string, children: t.readonlyArray(Tree) })),
    );
    const store = createMemoryStore({ codecs: { Tree } });
    const object = {
      name: 'root',
      children: [
        { name: 'leaf', children: [] },
        { name: 5, children: [] },
      ],
    };

    const error = await failureOf(
      store.storeEvent({ operation: 'CREATE', objectType: 'Tree', object } as never),
    );

    expect(faultPaths(error)).toEqual(['object.children.1.name']);
  });

  test('a store with io-ts codecs reports the faults of all objects of a batch in one error', async () => {
    const store = createMemoryStore({ codecs }) as unknown as EventStore;
    const job = (object: unknown) => ({ operation: 'CREATE' as const, objectType: 'Job', object });

    const error = await failureOf(
      store.storeEvents([job({ id: 'j1', priority: 1 }), job({ id: 1 }), job(null)]),
    );

    expect(faultPaths(error)).toEqual(['1.object.id', '1.object.priority', '2.object']);
    expect(await readAll(store)).toEqual([]);
  });
});

describe('a store with a changed codec', () => {
  /** Stores an object without codecs, and reads the object with a codec. */
  const reopened = async (object: object, evolved: t.Mixed) => {
    const path = testFile();
    const before = testStore({ path });
    await before.storeEvents([
      { operation: 'CREATE', objectType: 'Job', object },
      { operation: 'CREATE', objectType: 'Other', object: {} },
    ]);
    await before.close();
    const after = testStore({
      path,
      codecs: { Job: evolved, Other: t.unknown },
      scheduler: new VirtualClock(),
    });
    const notes = note(after.events(trimHorizon(), { live: false }));
    const others = note(after.events(trimHorizon(), { live: false, filter: { objectTypes: ['Other'] } }));
    await after.close();
    return { notes, others };
  };

  test('a store with a changed codec reads an older object that the changed codec accepts', async () => {
    const Evolved = t.intersection([t.type({ id: t.string }), t.partial({ owner: t.string })]);

    const { notes } = await reopened({ id: 'j1', priority: 3 }, Evolved);

    expect(notes.values[0]?.object).toEqual({ id: 'j1', priority: 3 });
  });

  test('a read fails for an older object that a changed codec does not accept, with the sequence number and path', async () => {
    const { notes, others } = await reopened({ id: 'j1' }, t.strict({ id: t.string, owner: t.string }));

    expect(notes.error).toBeInstanceOf(DeserializationError);
    expect(notes.error).toMatchObject({ seqNum: 1 });
    expect(faultPaths(notes.error)).toEqual(['object.owner']);
    expect(others.values.map(({ seqNum }) => seqNum)).toEqual([2]);
  });
});
