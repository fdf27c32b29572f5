import { firstValueFrom } from 'rxjs';
import { type EventStore, trimHorizon } from '../../../index.ts';
import { deadLetter } from './dead-letters.ts';
import { created } from './requests.ts';

/** Calls of the methods that every store has, except `close`. Optional methods such as `importEvents` are omitted. */
export const everyCall: readonly [string, (store: EventStore) => Promise<unknown>][] = [
  ['storeEvent', (store) => store.storeEvent(created(1))],
  ['storeEvents', (store) => store.storeEvents([created(1)])],
  ['storeEvents of an empty batch', (store) => store.storeEvents([])],
  ['events', (store) => firstValueFrom(store.events(trimHorizon()))],
  ['headers', (store) => firstValueFrom(store.headers(trimHorizon()))],
  ['getEvents', (store) => firstValueFrom(store.getEvents({ iterator: trimHorizon() }))],
  ['getLatestSeqNum', (store) => firstValueFrom(store.getLatestSeqNum())],
  ['storeCheckpoint', (store) => store.storeCheckpoint('w', 1)],
  ['getCheckpoint', (store) => firstValueFrom(store.getCheckpoint('w'))],
  ['checkpoints', (store) => firstValueFrom(store.checkpoints())],
  ['deleteCheckpoint', (store) => store.deleteCheckpoint('w')],
  ['storeDeadLetter', (store) => store.storeDeadLetter(deadLetter(1), 1)],
  ['deadLetters', (store) => firstValueFrom(store.deadLetters('w'))],
  ['deadLetters of all watchers', (store) => firstValueFrom(store.deadLetters())],
  ['leases', (store) => firstValueFrom(store.leases())],
  ['info', (store) => firstValueFrom(store.info())],
  ['watchers', (store) => firstValueFrom(store.watchers())],
  ['deleteDeadLetter', (store) => store.deleteDeadLetter('w', 1)],
  ['collectGarbage', (store) => store.collectGarbage()],
];
