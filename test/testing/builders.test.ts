import { createMemoryStore } from 'rx-watcher/memory';
import { event, request } from 'rx-watcher/testing';
import { describe, expect, expectTypeOf, it } from 'vitest';

describe('request', () => {
  it('is one that any store takes, without a word said', async () => {
    const stored = await createMemoryStore().storeEvent(request());

    expect(request()).toEqual({ operation: 'CREATE', objectType: 'Thing', object: {} });
    expect(stored).toMatchObject(request());
  });

  it('has what the test cares about, and defaults for the rest', () => {
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

  it('is a new one each time: a test that changes its own changes no other', () => {
    (request().object as { changed?: boolean }).changed = true;

    expect(request().object).toEqual({});
  });

  it('knows the types of what it was given', () => {
    const typed = request({ objectType: 'Job' as const, object: { id: 'j1' } });

    expectTypeOf(typed.objectType).toEqualTypeOf<'Job'>();
    expectTypeOf(typed.object).toEqualTypeOf<{ id: string }>();
  });
});

describe('event', () => {
  it('is the first of a store whose clock stands at 0', async () => {
    const store = createMemoryStore({ scheduler: { now: () => 0, schedule: () => expect.unreachable() } });

    expect(await store.storeEvent(request())).toStrictEqual(event());
  });

  it('has what the test cares about, and defaults for the rest', () => {
    const timestamp = new Date(7);

    expect(event({ seqNum: 3, operation: 'UPDATE', timestamp })).toStrictEqual({
      seqNum: 3,
      operation: 'UPDATE',
      objectType: 'Thing',
      object: {},
      timestamp,
    });
  });

  it('is a new one each time, its time and its object too', () => {
    event().timestamp.setTime(5);

    expect(event().timestamp.getTime()).toBe(0);
    expect(event().object).not.toBe(event().object);
  });

  it('knows the types of what it was given', () => {
    const typed = event({ objectType: 'Job' as const, object: 5 });

    expectTypeOf(typed.objectType).toEqualTypeOf<'Job'>();
    expectTypeOf(typed.object).toEqualTypeOf<number>();
  });
});
