import * as E from 'fp-ts/lib/Either.js';
import { EMPTY, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DeserializationError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import type { BatchHandler } from '../../../src/handling/handler.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { jsonSerializer } from '../../../src/store/serialization/json-serializer.ts';
import { deadLetter, deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { trimmableStore } from '../../support/watcher/log-stores.ts';
import { watcherWithDeadLetters } from './watcher-with-dead-letters.ts';

const numbers = (events: readonly Event[]) => events.map(({ seqNum }) => seqNum);

describe('a redrive of a watcher with a batch handler', () => {
  it('a redrive delivers each dead letter to a batch handler as a separate batch', async () => {
    const batches: (readonly number[])[] = [];
    const batchHandler: BatchHandler = (events) => void batches.push(numbers(events));
    const { manager, store } = await watcherWithDeadLetters([1, 3], () => ({ batchHandler }));

    expect(await manager.redrive('w')).toMatchObject([{ status: 'handled' }, { status: 'handled' }]);
    expect(batches).toEqual([[1], [3]]);
    expect(await deadLettersOf(store)).toEqual([]);
  });

  it('a redrive keeps a dead letter if the batch handler throws, or reports the event as not handled', async () => {
    const batchHandler: BatchHandler = ([event]) => {
      if (event?.seqNum === 1) throw new Error('no');
      return { lastHandledSeqNum: event?.seqNum === 2 ? 0 : 3 };
    };
    const { manager, store } = await watcherWithDeadLetters([1, 2, 3], () => ({ batchHandler }));

    expect(await manager.redrive('w')).toMatchObject([
      { status: 'skipped' },
      { status: 'skipped' },
      { status: 'handled' },
    ]);
    expect(await deadLettersOf(store)).toMatchObject([
      { seqNum: 1, attempts: 4 },
      { seqNum: 2, attempts: 4 },
    ]);
  });
});

describe('a redrive of an event that cannot be decoded', () => {
  const json = jsonSerializer();
  const lost = new DeserializationError([{ path: 'size', message: 'is too large' }]);
  /**
   * Runs a watcher that stores a dead letter of an event that cannot be decoded. The test can make the bytes of the event
   * decodable.
   */
  const undecodable = async () => {
    const codec = { canDecode: true };
    const clock = new VirtualClock();
    const store = createMemoryStore({
      scheduler: clock,
      cacheSize: 0,
      serializer: {
        ...json,
        decode: (bytes, type) => (codec.canDecode ? json.decode(bytes, type) : E.left(lost)),
      },
    });
    fillUp(store, 1);
    codec.canDecode = false;
    const given: number[] = [];
    const manager = createManager(store);
    const watcher = manager.create('w', {
      handler: ({ seqNum }) => void given.push(seqNum),
      maxRetries: 0,
      retryStrategy: 'deadLetter',
    });
    const outcome = firstValueFrom(watcher.outcomes$);
    watcher.start();
    await outcome;
    return { codec, store, manager, given };
  };

  it('a redrive of an event that cannot be decoded keeps the dead letter and its error, and does not call the handler', async () => {
    const { store, manager, given } = await undecodable();
    const [deadLetter] = await deadLettersOf(store);
    expect(deadLetter).toMatchObject({ seqNum: 1, attempts: 1 });
    expect(deadLetter?.errors[0]?.message).toContain('is too large');
    expect(deadLetter).not.toHaveProperty('event');

    const [outcome] = await manager.redrive('w');

    expect(outcome).toMatchObject({ status: 'skipped', seqNum: 1, attempts: 2, deadLettered: true });
    expect(outcome).not.toHaveProperty('event');
    expect(given).toEqual([]);
    const [remaining] = await deadLettersOf(store);
    expect(remaining).toMatchObject({ seqNum: 1, attempts: 2, errors: deadLetter?.errors });
  });

  it('a redrive delivers an event that could not be decoded if its bytes can be decoded again', async () => {
    const { codec, store, manager, given } = await undecodable();
    codec.canDecode = true;

    expect(await manager.redrive('w')).toMatchObject([{ status: 'handled', seqNum: 1, attempts: 2 }]);
    expect(given).toEqual([1]);
    expect(await deadLettersOf(store)).toEqual([]);
  });
});

describe('a redrive of an event that was trimmed', () => {
  it('a redrive of a trimmed event delivers the copy in its dead letter, and keeps that copy if the attempt fails', async () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 5);
    await store.storeDeadLetter(deadLetter(3), 5);
    trim(5);
    const objects: unknown[] = [];
    const manager = createManager(store);
    manager.create('w', {
      handler: ({ object }, { attempt }) => {
        objects.push(object);
        if (attempt === 4) throw new Error('no');
        return EMPTY;
      },
    });

    expect(await manager.redrive('w')).toMatchObject([{ status: 'skipped', attempts: 4 }]);
    expect(await manager.redrive('w')).toMatchObject([{ status: 'handled', attempts: 5 }]);
    expect(objects).toEqual([{ index: 2 }, { index: 2 }]);
    expect(await deadLettersOf(store)).toEqual([]);
  });
});
