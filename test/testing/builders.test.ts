import { createMemoryStore } from 'rx-watcher/memory';
import { event, request } from 'rx-watcher/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';

describe('the builder request', () => {
  it('the builder request creates a valid request without arguments', async () => {
    const stored = await createMemoryStore().storeEvent(request());

    expect(request()).toEqual({ operation: 'CREATE', objectType: 'Thing', object: {} });
    expect(stored).toMatchObject(request());
  });

  it('the builder request uses the given properties, and defaults for missing properties', () => {
    expect(request({ operation: 'DELETE' })).toEqual({
      operation: 'DELETE',
      objectType: 'Thing',
      object: {},
    });
    expect(request({ objectType: 'Job', object: null })).toEqual({
      operation: 'CREATE',
      objectType: 'Job',
      object: null,
    });
  });

  it('the builder request creates a request with a key, an id and metadata only if the test gives them', () => {
    const context = { key: 'k', id: 'i', metadata: { user: 'ada' } };

    expect(request({ key: 'k' })).toStrictEqual({ ...request(), key: 'k' });
    expect(request(context)).toStrictEqual({ ...request(), ...context });
  });

  it('the builder request creates a new object at each call', () => {
    (request().object as { changed?: boolean }).changed = true;

    expect(request().object).toEqual({});
  });

  it('the builder request infers the TypeScript types of the object type and of the object', () => {
    const typed = request({ objectType: 'Job' as const, object: { id: 'j1' } });

    expectTypeOf(typed.objectType).toEqualTypeOf<'Job'>();
    expectTypeOf(typed.object).toEqualTypeOf<{ id: string }>();
  });
});

describe('the builder event', () => {
  it('the builder event creates an event with the number 1 and the timestamp 0 by default', async () => {
    const store = createMemoryStore({ scheduler: { now: () => 0, schedule: () => expect.unreachable() } });

    expect(await store.storeEvent(request())).toStrictEqual(event());
  });

  it('the builder event uses the given properties, and defaults for missing properties', () => {
    const timestamp = new Date(7);

    expect(event({ seqNum: 3, operation: 'UPDATE', timestamp })).toStrictEqual({
      seqNum: 3,
      operation: 'UPDATE',
      objectType: 'Thing',
      object: {},
      timestamp,
    });
  });

  it('the builder event creates an event with a key, an id and metadata only if the test gives them', () => {
    const context = { key: 'k', id: 'i', metadata: { user: 'ada' } };

    expect(event({ id: 'i' })).toStrictEqual({ ...event(), id: 'i' });
    expect(event(context)).toStrictEqual({ ...event(), ...context });
  });

  it('the builder event creates a new event, timestamp and object at each call', () => {
    event().timestamp.setTime(5);

    expect(event().timestamp.getTime()).toBe(0);
    expect(event().object).not.toBe(event().object);
  });

  it('the function event infers the TypeScript types of the object type and of the object', () => {
    const typed = event({ objectType: 'Job' as const, object: 5 });

    expectTypeOf(typed.objectType).toEqualTypeOf<'Job'>();
    expectTypeOf(typed.object).toEqualTypeOf<number>();
  });
});
