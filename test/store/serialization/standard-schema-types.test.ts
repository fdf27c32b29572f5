import * as t from 'io-ts';
import {
  type Codec,
  type Event,
  type EventHandler,
  type EventOf,
  type EventStore,
  type EventsOptions,
  eventsIterable,
  type RequestOf,
  type StoreEventRequest,
  type TransformedEvent,
  trimHorizon,
  ofType,
  watch,
} from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import * as v from 'valibot';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const codecs = {
  Job: z.object({ id: z.string() }),
  Visit: v.object({ at: v.pipe(v.string(), v.transform((text) => new Date(text))) }),
  Order: z.object({ pieces: z.number().default(1) }),
  Any: z.preprocess(String, z.string()),
  Node: t.type({ name: t.string }),
};
type Events = EventOf<typeof codecs>;
type OfType<K extends string> = Extract<Events, { readonly objectType: K }>;

describe('the types of a store with schemas', () => {
  test('have plain events for schemas that do not transform', () => {
    expectTypeOf<OfType<'Job'>>().toEqualTypeOf<Event<{ id: string }, 'Job'>>();
    expectTypeOf<OfType<'Node'>>().toEqualTypeOf<Event<{ name: string }, 'Node'>>();
    expectTypeOf<RequestOf<OfType<'Node'>>>().toEqualTypeOf<StoreEventRequest<{ name: string }, 'Node'>>();
  });

  test('have the output of a schema in events, and its input in requests', () => {
    expectTypeOf<OfType<'Visit'>['object']>().toEqualTypeOf<{ at: Date }>();
    expectTypeOf<RequestOf<OfType<'Visit'>>>().toEqualTypeOf<StoreEventRequest<{ at: string }, 'Visit'>>();
    expectTypeOf<OfType<'Order'>['object']>().toEqualTypeOf<{ pieces: number }>();
    expectTypeOf<RequestOf<OfType<'Order'>>['object']>().toEqualTypeOf<{ pieces?: number | undefined }>();
  });

  test('have requests with unknown objects for a schema with an unknown input', () => {
    expectTypeOf<OfType<'Any'>['object']>().toEqualTypeOf<string>();
    expectTypeOf<RequestOf<OfType<'Any'>>>().toEqualTypeOf<StoreEventRequest<any, 'Any'>>();
  });
});
