import { inspect } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import fc from 'fast-check';
import * as t from 'io-ts';
import {
  type Codec,
  DeserializationError,
  type EventStore,
  InvalidOptionsError,
  messagePackSerializer,
  SchemaError,
  SerializationError,
  trimHorizon,
} from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { failureOf, faultPaths } from '../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../src/testing/conformance/support/read-all.ts';

/** Returns an untyped store with one schema, for objects of the type Job. */
const storeOf = (schema: Codec): EventStore =>
  createMemoryStore({ codecs: { Job: schema } }) as unknown as EventStore;
const job = (object: unknown) => ({ operation: 'CREATE', objectType: 'Job', object }) as const;

/** Creates a schema of an unknown library. */
const schemaOf = (validate: (value: unknown) => unknown): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'acme', validate: validate as StandardSchemaV1.Props['validate'] },
});

const toDate = (text: string) => new Date(text);
const schemas = {
  zod: z.object({
    id: z.string(),
    tags: z.array(z.object({ name: z.string().min(2) })),
    at: z.iso.datetime().transform(toDate),
    retries: z.number().default(3),
  }),
  valibot: v.object({
    id: v.string(),
    tags: v.array(v.object({ name: v.pipe(v.string(), v.minLength(2)) })),
    at: v.pipe(v.string(), v.isoTimestamp(), v.transform(toDate)),
    retries: v.optional(v.number(), 3),
  }),
};
const input = { id: 'j1', tags: [{ name: 'red' }], at: '2026-01-01T00:00:00.000Z' };
const output = { ...input, at: new Date(input.at), retries: 3 };

describe.each(Object.entries(schemas))('a store with a schema of the library %s', (_library, schema) => {
  test('a store with a schema returns and reads objects as the schema transforms them', async () => {
    const store = storeOf(schema);

    const event = await store.storeEvent(job(input));

    expect(event.object).toEqual(output);
    expect((await readAll(store))[0]?.object).toEqual(output);
  });

  test('a store with a schema stores the input of the schema', async () => {
    const payloads: unknown[] = [];
    const store = createMemoryStore({
      codecs: {
        Job: schemaOf((value) => {
          payloads.push(value);
          return schema['~standard'].validate(value);
        }),
      },
      cacheSize: 0,
    }) as unknown as EventStore;
    await store.storeEvent(job({ ...input, extra: 'kept' }));
    payloads.length = 0;

    const [event] = await readAll(store);

    expect(payloads).toEqual([{ ...input, extra: 'kept' }]);
    expect(event?.object).toEqual(output);
  });

  test.each<[unknown, readonly string[]]>([
    [{ ...input, id: 5 }, ['object.id']],
    [{ ...input, tags: [{ name: 'red' }, { name: 'x' }, {}] }, ['object.tags.1.name', 'object.tags.2.name']],
    [{ ...input, at: 'yesterday', retries: null }, ['object.at', 'object.retries']],
    [{ ...input, at: new Date(input.at) }, ['object.at']],
    ['j1', ['object']],
    [undefined, ['object']],
  ])(
    'a store with a schema rejects an invalid object with the path of each fault: %o',
    async (object, paths) => {
      const store = storeOf(schema);

      const error = await failureOf(store.storeEvent(job(object)));

      expect(error).toBeInstanceOf(SerializationError);
      expect(faultPaths(error)).toEqual(paths);
      expect(await readAll(store)).toEqual([]);
    },
  );

  test('a store with a schema reports the faults of all objects of a batch in one error', async () => {
    const store = storeOf(schema);

    const error = await failureOf(
      store.storeEvents([job(input), job({ ...input, id: 1 }), job({ ...input, tags: {} })]),
    );

    expect(faultPaths(error)).toEqual(['1.object.id', '2.object.tags']);
    expect(await readAll(store)).toEqual([]);
  });

  test('a store with a schema quotes no part of a rejected object in its error, except in the issues of the cause', async () => {
    const error = await failureOf(
      storeOf(schema).storeEvent(
        job({ ...input, id: { secret: 'hunter2' }, at: 'hunter2', retries: 'hunter2' }),
      ),
    );

    expect(inspect(error, { depth: null })).not.toContain('hunter2');
    const { cause } = error as SerializationError;
    expect(cause).toBeInstanceOf(SchemaError);
    expect((cause as SchemaError).code).toBe('ERR_SCHEMA');
    expect((cause as SchemaError).issues).toHaveLength(3);
    expect((cause as SchemaError).issues[0]?.message).toEqual(expect.any(String));
  });

  test('a store with a schema accepts exactly the JSON values that the schema accepts, and reports the paths of its issues', async () => {
    const part = fc.oneof(fc.constantFrom('red', '', '2026-01-01T00:00:00Z', 5, null), fc.jsonValue());
    const tags = fc.oneof(fc.array(fc.record({ name: part }, { requiredKeys: [] })), part);
    const object = fc.oneof(
      fc.record({ id: part, tags, at: part, retries: part }, { requiredKeys: [] }),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(object, async (value) => {
        const store = storeOf(schema);
        const result = schema['~standard'].validate(value) as StandardSchemaV1.Result<unknown>;
        if (result.issues === undefined) {
          expect((await store.storeEvent(job(value))).object).toEqual(result.value);
          return;
        }
        const paths = result.issues.map(({ path = [] }) =>
          ['object', ...path.map((part) => (typeof part === 'object' ? part.key : part))].join('.'),
        );
        expect(faultPaths(await failureOf(store.storeEvent(job(value))))).toEqual(paths);
      }),
    );
  });
});

describe('a store with schemas', () => {
  test('a store with schemas can use io-ts codecs and schemas of several libraries together', async () => {
    const store = createMemoryStore({
      codecs: { Node: t.type({ name: t.string }), Job: schemas.zod, Run: schemas.valibot },
    });

    const events = await store.storeEvents([
      { operation: 'CREATE', objectType: 'Node', object: { name: 'n1' } },
      { operation: 'CREATE', objectType: 'Job', object: input },
      { operation: 'CREATE', objectType: 'Run', object: input },
    ]);

    expect(events.map(({ object }) => object)).toEqual([{ name: 'n1' }, output, output]);
  });

  test('a store with schemas uses the same codecs even if the application changes the object that was passed as the option', async () => {
    const codecs: Record<string, Codec> = { Job: z.string() };
    const store = createMemoryStore({ codecs }) as unknown as EventStore;
    codecs.Job = z.number();

    expect((await store.storeEvent(job('j1'))).object).toBe('j1');
  });

  test('a store with schemas stores dates with a serializer that supports them', async () => {
    const store = createMemoryStore({
      codecs: { Job: z.object({ at: z.date() }) },
      serializer: messagePackSerializer(),
    });
    const object = { at: new Date(1.7e12) };

    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object });

    expect((await readAll(store as EventStore))[0]?.object).toEqual(object);
  });

  test('a store with schemas rejects an object that the schema cannot decode again from its stored form', async () => {
    const store = storeOf(z.object({ at: z.date() }));

    const error = await failureOf(store.storeEvent(job({ at: new Date(1.7e12) })));

    expect(error).toBeInstanceOf(SerializationError);
    expect((error as Error).message).toContain('can be encoded, but not decoded again: ');
    expect((error as Error).message).toContain('object.at: must pass the zod check');
    expect(await readAll(store)).toEqual([]);
  });

  test('a read fails only for stored objects that a changed schema does not accept', async () => {
    let schema: StandardSchemaV1 = z.unknown();
    const store = createMemoryStore({
      codecs: { Job: schemaOf((value) => schema['~standard'].validate(value)) },
      cacheSize: 0,
    }) as unknown as EventStore;
    await store.storeEvents([job({ id: 'j1' }), job({ id: 2 })]);
    schema = z.object({ id: z.string() });

    const error = await failureOf(readAll(store));

    expect(error).toBeInstanceOf(DeserializationError);
    expect(error).toMatchObject({ seqNum: 2 });
    expect(faultPaths(error)).toEqual(['object.id']);
  });

  test.each<[string, unknown]>([
    ['another version', { '~standard': { version: 2, vendor: 'acme', validate() {} } }],
    ['no vendor', { '~standard': { version: 1, validate() {} } }],
    ['no function validate', { '~standard': { version: 1, vendor: 'acme' } }],
    ['null as its properties', { '~standard': null }],
  ])('a store rejects the option codecs for a schema with %s', (_of, schema) => {
    const open = () => createMemoryStore({ codecs: { Job: schema as Codec } });

    expect(open).toThrow(InvalidOptionsError);
    expect(open).toThrow('codecs.Job: must be an io-ts codec or a Standard Schema v1; received an object');
  });

  test('a store accepts a schema that is a function with the property ~standard', async () => {
    const schema = Object.assign(
      () => undefined,
      schemaOf((value) => ({ value })),
    );

    expect((await storeOf(schema).storeEvent(job(5))).object).toBe(5);
  });

  test('a store uses the Standard Schema interface of a schema that also looks like an io-ts codec', async () => {
    const schema = {
      ...schemaOf(() => ({ issues: [{ message: 'no' }] })),
      is: () => true,
      encode() {},
      decode() {},
    };

    expect(faultPaths(await failureOf(storeOf(schema).storeEvent(job(5))))).toEqual(['object']);
  });
});

describe('a schema that validates asynchronously', () => {
  const refused = 'object: cannot be validated: the';
  const isOk = async () => true;

  test.each<[string, StandardSchemaV1]>([
    ['zod', z.object({ id: z.string().refine(isOk) })],
    ['valibot', v.objectAsync({ id: v.pipeAsync(v.string(), v.checkAsync(isOk)) })],
    ['acme', schemaOf(async (value) => ({ value }))],
    [
      'acme',
      runInContext(
        `({ '~standard': { version: 1, vendor: 'acme', validate: async (value) => ({ value }) } })`,
        createContext(),
      ),
    ],
  ])(
    'an object is rejected at its append if its schema validates asynchronously: %s',
    async (vendor, schema) => {
      const store = storeOf(schema);

      const error = await failureOf(store.storeEvent(job({ id: 'j1' })));

      expect(error).toBeInstanceOf(SerializationError);
      expect((error as Error).message).toContain(`${refused} ${vendor} schema is asynchronous`);
      expect(await readAll(store)).toEqual([]);
    },
  );

  test('an object is rejected at its read if its schema validates asynchronously', async () => {
    let isAsync = false;
    const store = createMemoryStore({
      codecs: { Job: schemaOf((value) => (isAsync ? Promise.reject(new Error('later')) : { value })) },
      cacheSize: 0,
    }) as unknown as EventStore;
    await store.storeEvent(job({ id: 'j1' }));
    isAsync = true;

    const error = await failureOf(readAll(store));

    expect(error).toBeInstanceOf(DeserializationError);
    expect((error as Error).message).toContain(`${refused} acme schema is asynchronous`);
  });

  test('an asynchronous schema causes no unhandled rejection if its Promise rejects', async () => {
    const rejections: unknown[] = [];
    const listener = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', listener);

    await failureOf(storeOf(schemaOf(() => Promise.reject(new Error('later')))).storeEvent(job(1)));
    await new Promise(setImmediate);

    process.off('unhandledRejection', listener);
    expect(rejections).toEqual([]);
  });
});

describe('a schema that belongs to no known library', () => {
  const messageFor = async (validate: (value: unknown) => unknown, object: unknown = { a: 1 }) =>
    ((await failureOf(storeOf(schemaOf(validate)).storeEvent(job(object)))) as Error).message;
  const failing =
    (...issues: readonly unknown[]) =>
    () => ({ issues });

  test.each<[string, unknown]>([
    ['null', null],
    ['a boolean', true],
    ['an object', {}],
    ['undefined', undefined],
  ])('an object is rejected if the validation of its schema returns %s', async (received, result) => {
    expect(await messageFor(() => result)).toContain(
      `object: cannot be validated: the acme schema must return { value } or { issues }; it returned ${received}`,
    );
  });

  test('an object is rejected if its schema returns an empty list of issues', async () => {
    expect(await messageFor(failing())).toContain('object: must match its acme schema; received an object');
  });

  test('an object is rejected with a fault if the validation of its schema throws', async () => {
    const throwing = () => {
      throw new Error('broken');
    };

    expect(await messageFor(throwing)).toContain("cannot store an object of type 'Job': object: broken");
  });

  test('a fault names the check and the expected value, if the issue of the schema contains them', async () => {
    const message = await messageFor(
      failing(
        { message: '', path: ['a'], code: 'too_small' },
        { message: '', path: ['a'], type: 'min_value', expected: '>=2' },
        { message: '', path: ['a'], code: 5, expected: 'ignored' },
      ),
    );

    expect(message).toContain(
      "object.a: must pass the acme check 'too_small'; received a number; " +
        "object.a: must pass the acme check 'min_value', expected >=2; received a number; " +
        'object.a: must match its acme schema; received a number',
    );
  });

  test('the issues of a schema can have all kinds of path segments', async () => {
    const symbol = Symbol('s');
    const error = await failureOf(
      storeOf(
        schemaOf(
          failing(
            { message: '', path: [{ key: 'list' }, 1] },
            { message: '', path: [symbol] },
            { message: '', path: ['none', 'deeper'] },
            { message: '', path: [] },
          ),
        ),
      ).storeEvent(job({ list: ['x', true] })),
    );

    expect((error as SerializationError).faults.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'object.list.1: must match its acme schema; received a boolean',
      'object.Symbol(s): must match its acme schema; received undefined',
      'object.none.deeper: must match its acme schema; received undefined',
      'object: must match its acme schema; received an object',
    ]);
  });

  test('a fault contains the kind of a value inside a Map, and states if a value cannot be inspected', async () => {
    const validate = failing({ message: '', path: ['map', 'key'] }, { message: '', path: ['getter'] });
    const object = {
      map: new Map([['key', 5]]),
      get getter() {
        throw new Error('no');
      },
    };

    const message = await messageFor(validate, object);

    expect(message).toContain('object.map.key: must match its acme schema; received a number');
    expect(message).toContain(
      'object.getter: must match its acme schema; received a value that cannot be inspected',
    );
  });

  test('an object has at most 100 faults of its schema, followed by the number of further issues', async () => {
    const issues = Array.from({ length: 250 }, (_, index) => ({ message: '', path: [index] }));

    const error = (await failureOf(
      storeOf(schemaOf(failing(...issues))).storeEvent(job([])),
    )) as SerializationError;

    expect(error.faults).toHaveLength(101);
    expect(error.faults.at(-1)).toEqual({
      path: 'object',
      message: 'has 150 more faults, which are not listed',
    });
    expect((error.cause as SchemaError).issues).toHaveLength(250);
  });

  test('a schema can come from another JavaScript realm', async () => {
    const schema = runInContext(
      `({ '~standard': { version: 1, vendor: 'acme', validate: (value) =>
          value.id === undefined ? { issues: [{ message: '', path: ['id'] }] } : { value: { id: value.id } } } })`,
      createContext(),
    ) as StandardSchemaV1;
    const store = storeOf(schema);

    expect((await store.storeEvent(job({ id: 'j1', extra: 1 }))).object).toEqual({ id: 'j1' });
    expect(faultPaths(await failureOf(store.storeEvent(job({}))))).toEqual(['object.id']);
    expect(await readAll(store, trimHorizon())).toHaveLength(1);
  });
});
