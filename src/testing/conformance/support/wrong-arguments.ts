import { firstValueFrom } from 'rxjs';
import { createManager, type EventStore, trimHorizon, watch } from '../../../index.ts';
import { request, span } from './requests.ts';

export const badIterator = { type: 'at_sequence_number', sequenceNumber: -1 } as const;

/** Calls with invalid arguments: description, call, and paths of the faults. */
export const calls: readonly [string, (store: EventStore) => Promise<unknown>, readonly string[]][] = [
  [
    'events with invalid options',
    (store) =>
      firstValueFrom(
        store.events(badIterator, {
          batchSize: 0,
          live: 'yes' as never,
          filter: { operations: ['READ' as never] },
        }),
      ),
    ['batchSize', 'filter.operations.0', 'from', 'live'],
  ],
  ['events without an iterator', (store) => firstValueFrom(store.events(undefined as never)), ['from']],
  ['headers without an iterator', (store) => firstValueFrom(store.headers(undefined as never)), ['from']],
  [
    'getEvents with invalid options',
    (store) =>
      firstValueFrom(
        store.getEvents({
          iterator: badIterator,
          limit: -1,
          batchSize: 1.5,
          filter: { objectTypes: 'Job' as never },
          longPollingTimeout: Number.NaN,
          watcherId: 7 as never,
        }),
      ),
    ['batchSize', 'filter.objectTypes', 'iterator', 'limit', 'longPollingTimeout', 'watcherId'],
  ],
  [
    'events with an unknown option',
    (store) =>
      firstValueFrom(store.events(trimHorizon(), { Live: false, filter: { objectType: 'Job' } } as never)),
    ['Live', 'filter.objectType'],
  ],
  [
    'events with null as options',
    (store) => firstValueFrom(store.events(trimHorizon(), null as never)),
    [''],
  ],
  [
    'events with trimHorizon instead of trimHorizon()',
    (store) => firstValueFrom(store.events(trimHorizon as never)),
    ['from'],
  ],
  [
    'getEvents with an unknown option',
    (store) => firstValueFrom(store.getEvents({ iterator: trimHorizon(), limits: 5 } as never)),
    ['limits'],
  ],
  [
    'watch with unknown options',
    (store) =>
      firstValueFrom(watch(store, 'w', { handler() {}, maxRetires: 5, filter: { operation: [] } } as never)),
    ['filter.operation', 'maxRetires'],
  ],
  [
    'watch with a function as options',
    (store) => firstValueFrom(watch(store, 'w', (() => undefined) as never)),
    [''],
  ],
  [
    'watch with a Promise of a store',
    (store) => firstValueFrom(watch(Promise.resolve(store) as never, 'w', { handler() {} })),
    ['store'],
  ],
  [
    'createManager with an unknown option',
    async (store) => createManager(store, { leese: true } as never),
    ['leese'],
  ],
  ['createManager without a store', async () => createManager(undefined as never), ['store']],
  ['getEvents without an iterator', (store) => firstValueFrom(store.getEvents({} as never)), ['iterator']],
  [
    'storeCheckpoint with an empty id and -1',
    (store) => store.storeCheckpoint('', -1),
    ['seqNum', 'watcherId'],
  ],
  ['storeCheckpoint with 0.5', (store) => store.storeCheckpoint('w', 0.5), ['seqNum']],
  ['storeCheckpoint with 2 ** 53', (store) => store.storeCheckpoint('w', 2 ** 53), ['seqNum']],
  [
    'storeCheckpoint with a string as the number',
    (store) => store.storeCheckpoint('w', '5' as never),
    ['seqNum'],
  ],
  ['getCheckpoint with a blank id', (store) => firstValueFrom(store.getCheckpoint('  ')), ['watcherId']],
  ['deleteCheckpoint without an id', (store) => store.deleteCheckpoint(undefined as never), ['watcherId']],
  ['deadLetters with an empty id', (store) => firstValueFrom(store.deadLetters('')), ['watcherId']],
  [
    'deleteDeadLetter with a blank id and 0',
    (store) => store.deleteDeadLetter(' ', 0),
    ['seqNum', 'watcherId'],
  ],
];

/** Invalid requests: description, request, and paths of the faults. */
export const requests: readonly [string, unknown, readonly string[]][] = [
  [
    'a blank object type and an unknown operation',
    { operation: 'create', objectType: ' ', object: 1 },
    ['objectType', 'operation'],
  ],
  ['no properties', {}, ['object', 'objectType', 'operation']],
  ['a field that a request does not have', { ...request('CREATE', 'Job'), obj: 1 }, ['obj']],
  ['a number as its object type', { operation: 'CREATE', objectType: 5, object: 1 }, ['objectType']],
  ['undefined as its value', undefined, ['']],
  ['a string as its value', 'CREATE', ['']],
  ['an object type that is too long', request('CREATE', 'é'.repeat(33_000)), ['objectType']],
  ['an object type with a lone surrogate', request('CREATE', 'Job\ud800'), ['objectType']],
];

/** Creates an array that holds the same inner array twice, on each of several levels. */
const doubled = (levels: number): unknown => (levels === 0 ? 1 : twice(doubled(levels - 1)));
const twice = (value: unknown) => [value, value, null];

/** Creates arrays that are nested in each other, `levels` deep. */
const nested = (levels: number): unknown => span(1, levels).reduce<unknown>((inner) => [inner], []);

/** Objects that cannot be serialized: description, object, and paths of the faults. */
export const unstorable: readonly [string, unknown, readonly string[]][] = [
  ['undefined as its value', undefined, ['object']],
  [
    'several unsupported values',
    { a: [undefined], list: [1, { f() {} }], big: 1n },
    ['object.a.0', 'object.big', 'object.list.1.f'],
  ],
  ['a Promise', { body: Promise.resolve(1) }, ['object.body']],
  ['an Error', { cause: new Error('no') }, ['object.cause']],
  ['a typed array', { bytes: Uint8Array.of(1) }, ['object.bytes']],
  ['an instance of a class', { list: [new (class Job {})()] }, ['object.list.0']],
  ['shared arrays that are too large when expanded', doubled(60), ['object']],
  ['100 000 levels', nested(100_000), ['object']],
];
