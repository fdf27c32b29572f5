import type { Event, EventStore, Operation, RequestOf, StoreEventRequest } from 'rx-watcher';
import { describe, expectTypeOf, test } from 'vitest';

type Job = Event<{ id: string }, 'Job'>;
type Node = Event<{ host: string }, 'Node'>;

describe('the type of', () => {
  test('a request follows from that of its event', () => {
    expectTypeOf<RequestOf<Job>>().toEqualTypeOf<StoreEventRequest<{ id: string }, 'Job'>>();
    expectTypeOf<RequestOf<Job | Node>>().toEqualTypeOf<
      StoreEventRequest<{ id: string }, 'Job'> | StoreEventRequest<{ host: string }, 'Node'>
    >();
    expectTypeOf<RequestOf<Event>>().toEqualTypeOf<StoreEventRequest>();
  });

  test('an object follows from the object type', () => {
    const hostOf = (event: Job | Node) => (event.objectType === 'Node' ? event.object.host : event.object.id);

    expectTypeOf(hostOf).returns.toEqualTypeOf<string>();
  });

  test('a request keeps an object of another type out', () => {
    expectTypeOf<{ operation: 'CREATE'; objectType: 'Job'; object: { host: string } }>().not.toExtend<
      Parameters<EventStore<Job | Node>['storeEvent']>[0]
    >();
    expectTypeOf<{ operation: 'CREATE'; objectType: 'Job'; object: { id: string } }>().toExtend<
      Parameters<EventStore<Job | Node>['storeEvent']>[0]
    >();
  });

  test('an event can only be read', () => {
    expectTypeOf<Event>().toEqualTypeOf<{
      readonly seqNum: number;
      readonly operation: Operation;
      readonly objectType: string;
      readonly object: unknown;
      readonly timestamp: Date;
    }>();
  });
});
