import { describe, expect, test } from 'vitest';
import type { EventLog } from '../../src/engine/contract/event-log.ts';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { StoreError } from '../../src/errors.ts';
import { createEventStore } from '../../src/store/create-event-store.ts';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';

const deadLetter = {
  watcherId: 'w',
  seqNum: 1,
  errors: [],
  attempts: 1,
  firstTime: new Date(0),
  lastTime: new Date(0),
};

const storeOn = (changed: Partial<EventLog> = {}) =>
  createEventStore({ ...createMemoryEventLog(), ...changed }, {});

describe('a write of a store if the engine returns no Promise', () => {
  test('a write of a store returns a Promise to the caller even if the engine returns none', async () => {
    const store = storeOn();

    expect(store.storeCheckpoint('w', 1)).toBeInstanceOf(Promise);
    expect(store.storeDeadLetter(deadLetter)).toBeInstanceOf(Promise);
    await store.close();
  });

  test('a write of a store is rejected with the error that a synchronous engine throws', async () => {
    const error = new StoreError('disk full');
    const fail = () => {
      throw error;
    };
    const { deadLetters } = createMemoryEventLog();
    const store = storeOn({
      storeCheckpoint: fail,
      ...(deadLetters && { deadLetters: { ...deadLetters, store: fail } }),
    });

    expect(await failureOf(store.storeCheckpoint('w', 1))).toBe(error);
    expect(await failureOf(store.storeDeadLetter(deadLetter))).toBe(error);
    await store.close();
  });
});
