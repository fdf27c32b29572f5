import * as t from 'io-ts';
import {
  appendTo,
  createManager,
  type Event,
  type EventHandler,
  type EventOf,
  type EventStore,
  eventsIterable,
  ofType,
  type RequestOf,
  type StoreEventRequest,
  trimHorizon,
  watch,
} from 'rx-watcher';
import type { LmdbEventStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { lastValueFrom, map, of } from 'rxjs';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const codecs = {
  Job: z.object({ id: z.string() }),
  Visit: v.object({
    at: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
  }),
  Order: z.object({ pieces: z.number().default(1) }),
  Any: z.preprocess(String, z.string()),
  Text: z.unknown().transform(String),
  Node: t.type({ name: t.string }),
};
type Events = EventOf<typeof codecs>;
type OfType<K extends string> = Extract<Events, { readonly objectType: K }>;

describe('the TypeScript types of a store with schemas', () => {
  test('the TypeScript types of a store with schemas are plain events if the schemas do not transform objects', () => {
    expectTypeOf<OfType<'Job'>>().toEqualTypeOf<Event<{ id: string }, 'Job'>>();
    expectTypeOf<OfType<'Node'>>().toEqualTypeOf<Event<{ name: string }, 'Node'>>();
    expectTypeOf<RequestOf<OfType<'Node'>>>().toEqualTypeOf<StoreEventRequest<{ name: string }, 'Node'>>();
  });

  test('the TypeScript type of an object is the output of its schema in events, and the input in requests', () => {
    expectTypeOf<OfType<'Visit'>['object']>().toEqualTypeOf<{ at: Date }>();
    expectTypeOf<RequestOf<OfType<'Visit'>>>().toEqualTypeOf<StoreEventRequest<{ at: string }, 'Visit'>>();
    expectTypeOf<OfType<'Order'>['object']>().toEqualTypeOf<{ pieces: number }>();
    expectTypeOf<RequestOf<OfType<'Order'>>['object']>().toEqualTypeOf<{ pieces?: number | undefined }>();
  });

  test('the TypeScript types of a store permit any object in requests if the input of the schema is of any type', () => {
    expectTypeOf<OfType<'Any'>['object']>().toEqualTypeOf<string>();
    expectTypeOf<RequestOf<OfType<'Any'>>['object']>().toBeAny();
    expectTypeOf<RequestOf<OfType<'Text'>>['object']>().toBeUnknown();
    expectTypeOf<OfType<'Text'>['object']>().toEqualTypeOf<string>();
  });

  test('the TypeScript types of a store permit the input of a schema in a request, and not its output', async () => {
    const store = createMemoryStore({ codecs });
    const at = new Date(1.7e12);

    const visit = await store.storeEvent({
      operation: 'CREATE',
      objectType: 'Visit',
      object: { at: at.toISOString() },
    });
    await store.storeEvent({ operation: 'CREATE', objectType: 'Order', object: {} });
    // @ts-expect-error: the input of a visit is text.
    const refused = store.storeEvent({ operation: 'CREATE', objectType: 'Visit', object: { at } });
    // @ts-expect-error: the id of a job is a string.
    const wrong = store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { id: 5 } });

    expectTypeOf(visit).toEqualTypeOf<Events>();
    expect(visit.object).toEqual({ at });
    await expect(refused).rejects.toThrow('object.at');
    await expect(wrong).rejects.toThrow('object.id');
  });

  test('the TypeScript types of a store with schemas apply in transactions, operators, handlers and iterations', async () => {
    const store = createMemoryStore({ codecs });
    const request = { operation: 'CREATE', objectType: 'Visit', object: { at: '2026-01-01' } } as const;

    await lastValueFrom(of(request).pipe(appendTo(store)));
    const years = store.events(trimHorizon(), { live: false }).pipe(
      ofType('Visit'),
      map(({ object }) => object.at.getUTCFullYear()),
    );
    const handler: EventHandler<Events> = (event) => {
      if (event.objectType === 'Visit') expectTypeOf(event.object).toEqualTypeOf<{ at: Date }>();
    };

    expect(await lastValueFrom(years)).toBe(2026);
    expectTypeOf(watch(store, 'mailer', { handler })).not.toBeAny();
    expectTypeOf(createManager(store).create).parameter(1).not.toBeAny();
    expectTypeOf(eventsIterable(store, trimHorizon())).toEqualTypeOf<AsyncIterable<Events, undefined>>();
    expectTypeOf<LmdbEventStore<Events>['transaction']>()
      .parameter(0)
      .parameter(0)
      .parameter(0)
      .toEqualTypeOf<RequestOf<Events>>();
    expectTypeOf(store).toExtend<EventStore<Events>>();
  });

  test('the TypeScript types of a store with schemas permit events that were built without a store', () => {
    const built: Event<{ at: Date }, 'Visit'> = {
      seqNum: 1,
      operation: 'CREATE',
      objectType: 'Visit',
      object: { at: new Date(0) },
      timestamp: new Date(0),
    };

    expectTypeOf(built).toExtend<OfType<'Visit'>>();
    expectTypeOf<OfType<'Visit'>>().toExtend<typeof built>();
  });
});
