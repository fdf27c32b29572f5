import fc from 'fast-check';
import type { EventFilter, EventIterator, StoreEventRequest } from 'rx-watcher';
import * as commands from './commands.ts';
import * as logCommands from './log-commands.ts';

const operation = fc.constantFrom('CREATE', 'UPDATE', 'DELETE');
const objectType = fc.constantFrom('Job', 'Node', 'Ünï 😀');
const anyNumber = fc.nat(45);
const anyTime = fc.nat(30);

/** Generates records with a prototype, because a strict comparison distinguishes them from records without one. */
const PLAIN = { noNullPrototype: true };

const key = fc.constantFrom('a', 'b', 'Ünï 😀');

/** Valid request without an id. */
export const request: fc.Arbitrary<StoreEventRequest> = fc.record(
  {
    operation,
    objectType,
    object: fc.oneof(
      fc.integer(),
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => ({ text })),
      fc.constant(commands.LARGE),
    ),
    key,
    metadata: fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.string({ maxLength: 9 }), PLAIN),
  },
  { requiredKeys: ['operation', 'objectType', 'object'], ...PLAIN },
);

/**
 * Adds an id to a request. The id depends on the other fields, so that most requests with the same id are the same event. The
 * id `x` can belong to different events.
 */
const addId = ([given, number]: readonly [StoreEventRequest, number]): StoreEventRequest => ({
  ...given,
  id: number === 0 ? 'x' : `${given.operation} ${given.objectType} ${given.key} ${number}`,
});

/** Valid request, in most cases with an id. */
export const requestWithId: fc.Arbitrary<StoreEventRequest> = fc.oneof(
  request,
  fc.tuple(request, fc.nat(2)).map(addId),
  fc.tuple(request, fc.nat(2)).map(addId),
);

const iterator = fc.oneof<fc.Arbitrary<EventIterator>[]>(
  fc.constantFrom({ type: 'trim_horizon' }, { type: 'latest' }),
  fc.record(
    {
      type: fc.constantFrom('at_sequence_number', 'after_sequence_number'),
      sequenceNumber: anyNumber,
    },
    PLAIN,
  ),
  fc.record({ type: fc.constant('at_timestamp'), timestamp: anyTime }, PLAIN),
);

const filter: fc.Arbitrary<EventFilter> = fc.record(
  {
    objectTypes: fc.subarray(['Job', 'Node', 'Ünï 😀', 'None']),
    operations: fc.subarray(['CREATE', 'DELETE']),
    keys: fc.subarray(['a', 'Ünï 😀', 'none']),
    partition: fc
      .integer({ min: 1, max: 3 })
      .chain((count) => fc.record({ index: fc.nat(count - 1) }).map(({ index }) => ({ index, count }))),
  },
  { requiredKeys: [] },
);

const batch = fc.array(requestWithId, { minLength: 0, maxLength: 5 });
const page = fc.record({ iterator, filter, limit: fc.nat(6), batchSize: fc.integer({ min: 1, max: 12 }) });

/** Commands that every store supports. */
export const anyStoreCommand = [
  fc.array(batch, { minLength: 1, maxLength: 4 }).map(commands.append),
  fc.array(batch, { minLength: 1, maxLength: 4 }).map(commands.append),
  anyTime.map(commands.setClock),
  page.map(commands.readPage),
  fc.tuple(iterator, filter, fc.integer({ min: 1, max: 12 })).map((args) => commands.replay(...args)),
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.option(anyNumber, { nil: undefined }))
    .map((args) => commands.checkpoint(...args)),
];

/** Closes and reopens a durable store. */
export const reopening = fc.constant(commands.reopen());

/** Commands that every log supports. */
export const anyLogCommand: readonly fc.Arbitrary<logCommands.LogCommand>[] = [
  ...anyStoreCommand,
  anyNumber.map(logCommands.trim),
  fc.nat(20).map(logCommands.compact),
];
