import { firstValueFrom } from 'rxjs';
import type { EventStore } from '../../index.ts';
import { request } from './requests.ts';

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

export const unstorable: readonly [string, unknown, readonly string[]][] = [
  ['undefined', undefined, ['object']],
  [
    'several things',
    { a: undefined, list: [1, { f() {} }], big: 1n },
    ['object.a', 'object.big', 'object.list.1.f'],
  ],
];
