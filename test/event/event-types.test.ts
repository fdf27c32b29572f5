import type { Event, EventStore, Operation, RequestOf, StoreEventRequest } from 'rx-watcher';
import { describe, expectTypeOf, test } from 'vitest';

type Job = Event<{ id: string }, 'Job'>;
type Node = Event<{ host: string }, 'Node'>;

describe('the TypeScript types of events', () => {
  test('the TypeScript type of a request follows from the type of its event', () => {
    expectTypeOf<RequestOf<Job>>().toEqualTypeOf<StoreEventRequest<{ id: string }, 'Job'>>();
    expectTypeOf<RequestOf<Job | Node>>().toEqualTypeOf<
      StoreEventRequest<{ id: string }, 'Job'> | StoreEventRequest<{ host: string }, 'Node'>
    >();
    expectTypeOf<RequestOf<Event>>().toEqualTypeOf<StoreEventRequest>();
  });

  test('the TypeScript type of the object of an event is narrowed by the object type', () => {
    const hostOf = (event: Job | Node) => (event.objectType === 'Node' ? event.object.host : event.object.id);

    expectTypeOf(hostOf).returns.toEqualTypeOf<string>();
  });

  test('the TypeScript types reject a request with an object of another object type', () => {
    expectTypeOf<{ operation: 'CREATE'; objectType: 'Job'; object: { host: string } }>().not.toExtend<
      Parameters<EventStore<Job | Node>['storeEvent']>[0]
    >();
    expectTypeOf<{ operation: 'CREATE'; objectType: 'Job'; object: { id: string } }>().toExtend<
      Parameters<EventStore<Job | Node>['storeEvent']>[0]
    >();
  });

  test('an event has only readonly properties in TypeScript', () => {
    expectTypeOf<Event>().toEqualTypeOf<{
      readonly seqNum: number;
      readonly operation: Operation;
      readonly objectType: string;
      readonly object: unknown;
      readonly timestamp: Date;
      readonly key?: string;
      readonly id?: string;
      readonly metadata?: Readonly<Record<string, string>>;
    }>();
  });
});
