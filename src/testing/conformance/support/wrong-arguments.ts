import { firstValueFrom } from 'rxjs';
import { createManager, type EventStore, trimHorizon, watch } from '../../../index.ts';
import { request, span } from './requests.ts';

export const badIterator = { type: 'at_sequence_number', sequenceNumber: -1 } as const;

export const calls: readonly [string, (store: EventStore) => Promise<unknown>, readonly string[]][] = [
  [
    'events',
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
  ['events of nothing', (store) => firstValueFrom(store.events(undefined as never)), ['from']],
  ['headers of nothing', (store) => firstValueFrom(store.headers(undefined as never)), ['from']],
  [
    'getEvents',
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
    'events with an option that it does not know',
    (store) =>
      firstValueFrom(store.events(trimHorizon(), { Live: false, filter: { objectType: 'Job' } } as never)),
    ['Live', 'filter.objectType'],
  ],
  [
    'events with null for options',
    (store) => firstValueFrom(store.events(trimHorizon(), null as never)),
    [''],
  ],
  [
    'events of an iterator that was not called',
    (store) => firstValueFrom(store.events(trimHorizon as never)),
    ['from'],
  ],
  [
    'getEvents with an option that it does not know',
    (store) => firstValueFrom(store.getEvents({ iterator: trimHorizon(), limits: 5 } as never)),
    ['limits'],
  ],
  [
    'watch with options that it does not know',
    (store) =>
      firstValueFrom(watch(store, 'w', { handler() {}, maxRetires: 5, filter: { operation: [] } } as never)),
    ['filter.operation', 'maxRetires'],
  ],
  ['watch of a function', (store) => firstValueFrom(watch(store, 'w', (() => undefined) as never)), ['']],
  [
    'watch on a Promise of a store',
    (store) => firstValueFrom(watch(Promise.resolve(store) as never, 'w', { handler() {} })),
    ['store'],
  ],
  [
    'createManager with an option that it does not know',
    async (store) => createManager(store, { leese: true } as never),
    ['leese'],
  ],
  ['createManager without a store', async () => createManager(undefined as never), ['store']],
  ['getEvents of nothing', (store) => firstValueFrom(store.getEvents({} as never)), ['iterator']],
  ['storeCheckpoint', (store) => store.storeCheckpoint('', -1), ['seqNum', 'watcherId']],
  ['storeCheckpoint', (store) => store.storeCheckpoint('w', 0.5), ['seqNum']],
  ['storeCheckpoint', (store) => store.storeCheckpoint('w', 2 ** 53), ['seqNum']],
  ['storeCheckpoint', (store) => store.storeCheckpoint('w', '5' as never), ['seqNum']],
  ['getCheckpoint', (store) => firstValueFrom(store.getCheckpoint('  ')), ['watcherId']],
  ['deleteCheckpoint', (store) => store.deleteCheckpoint(undefined as never), ['watcherId']],
  ['deadLetters', (store) => firstValueFrom(store.deadLetters('')), ['watcherId']],
  ['deleteDeadLetter', (store) => store.deleteDeadLetter(' ', 0), ['seqNum', 'watcherId']],
];

export const requests: readonly [string, unknown, readonly string[]][] = [
  [
    'a blank type and an unknown operation',
    { operation: 'create', objectType: ' ', object: 1 },
    ['objectType', 'operation'],
  ],
  ['nothing of it', {}, ['objectType', 'operation']],
  ['a number for a type', { operation: 'CREATE', objectType: 5, object: 1 }, ['objectType']],
  ['no value', undefined, ['']],
  ['a string', 'CREATE', ['']],
  ['a type of more bytes than a header holds', request('CREATE', 'é'.repeat(33_000)), ['objectType']],
  ['a type that is no Unicode text', request('CREATE', 'Job\ud800'), ['objectType']],
];

/** An array that holds another twice, which holds another twice, and so on. */
const doubled = (levels: number): unknown => (levels === 0 ? 1 : twice(doubled(levels - 1)));
const twice = (value: unknown) => [value, value, null];

/** An array in an array in an array, and so on. */
const nested = (levels: number): unknown => span(1, levels).reduce<unknown>((inner) => [inner], []);

export const unstorable: readonly [string, unknown, readonly string[]][] = [
  ['undefined', undefined, ['object']],
  [
    'several things',
    { a: [undefined], list: [1, { f() {} }], big: 1n },
    ['object.a.0', 'object.big', 'object.list.1.f'],
  ],
  ['a forgotten await', { body: Promise.resolve(1) }, ['object.body']],
  ['an Error', { cause: new Error('no') }, ['object.cause']],
  ['a typed array', { bytes: Uint8Array.of(1) }, ['object.bytes']],
  ['an instance of a class', { list: [new (class Job {})()] }, ['object.list.0']],
  ['small values that would take more than any memory', doubled(60), ['object']],
  ['more levels than the stack has', nested(100_000), ['object']],
];
