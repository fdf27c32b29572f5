import { lastValueFrom, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/event/event.ts';
import { createMemoryStore } from '../../src/memory.ts';
import { checkpointTo } from '../../src/operators/checkpoint-to.ts';
import { GatedCheckpoints } from './gated-checkpoints.ts';
import { storedEvent } from './stored-event.ts';

function setUp({ limit = Number.POSITIVE_INFINITY } = {}) {
  const store = new GatedCheckpoints();
  const source$ = new Subject<Event>();
  const told: string[] = [];
  const subscription = source$.pipe(checkpointTo(store, 'w'), take(limit)).subscribe({
    next: ({ seqNum }) => told.push(String(seqNum)),
    error: (error) => told.push(`error: ${error.message}`),
    complete: () => told.push('complete'),
  });
  const send = (...seqNums: number[]) => {
    for (const seqNum of seqNums) source$.next(storedEvent(seqNum));
  };
  return { store, source$, send, told, subscription };
}

describe('the writes of checkpointTo', () => {
  it('are made one at a time; what comes meanwhile is coalesced, and the newest is next', async () => {
    const { store, send } = setUp();
    send(1, 2, 3);
    expect(store.writes).toEqual([1]);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
    send(4, 5, 6, 7);
    expect(store.writes).toEqual([1, 3]);
    await store.finish();
    expect(store.writes).toEqual([1, 3, 7]);
    await store.finish();
    expect(store.writes).toEqual([1, 3, 7]);
    expect(store.mostAtOnce).toBe(1);
  });

  it('are made at once when none is under way', async () => {
    const { store, send } = setUp();
    send(1);
    await store.finish();
    expect(store.writes).toEqual([1]);
    send(2);
    expect(store.writes).toEqual([1, 2]);
  });

  it('are waited for by the end of the source, the last one too', async () => {
    const { store, source$, send, told } = setUp();
    send(1, 2);
    source$.complete();
    expect(told).toEqual(['1', '2']);
    await store.finish();
    expect(store.writes).toEqual([1, 2]);
    expect(told).not.toContain('complete');
    await store.finish();
    expect(told.at(-1)).toBe('complete');
  });

  it('go on to the newest after the subscriber has gone', async () => {
    const { store, source$, send, told, subscription } = setUp();
    send(1, 2, 3);
    subscription.unsubscribe();
    send(4);
    expect(told).toEqual(['1', '2', '3']);
    expect(source$.observed).toBe(false);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
  });

  it('have the last event that take() lets through as well', async () => {
    const { store, source$, send, told } = setUp({ limit: 3 });
    send(1, 2, 3, 4);
    expect(told).toEqual(['1', '2', '3', 'complete']);
    expect(source$.observed).toBe(false);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
  });

  it('end the stream with their error when they fail', async () => {
    const { store, source$, send, told } = setUp();
    send(1, 2);
    await store.fail(new Error('disk full'));
    expect(told).toEqual(['1', '2', 'error: disk full']);
    expect(source$.observed).toBe(false);
    send(3);
    expect(store.writes).toEqual([1]);
  });

  it('end the stream with their error when the last one fails behind the end of the source', async () => {
    const { store, source$, send, told } = setUp();
    send(1);
    source$.complete();
    await store.fail(new Error('disk full'));
    expect(told).toEqual(['1', 'error: disk full']);
  });

  it('that fail behind an unsubscription are nobody’s business', async () => {
    const { store, send, told, subscription } = setUp();
    send(1);
    subscription.unsubscribe();
    await store.fail(new Error('disk full'));
    expect(told).toEqual(['1']);
  });

  it('do not hold up an error of the source, and what was passed on is written all the same', async () => {
    const { store, source$, send, told } = setUp();
    send(1, 2);
    source$.error(new Error('lost'));
    expect(told).toEqual(['1', '2', 'error: lost']);
    await store.finish();
    expect(store.writes).toEqual([1, 2]);
  });

  it('end the stream with the error of a store that is closed', async () => {
    const store = createMemoryStore();
    const source$ = new Subject<Event>();
    const end = lastValueFrom(source$.pipe(checkpointTo(store, 'w')));
    await store.close();
    source$.next(storedEvent(1));
    await expect(end).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' });
  });

  it('end the stream with what the store throws instead of rejecting', () => {
    const failing = {
      storeCheckpoint(): Promise<void> {
        throw new Error('thrown');
      },
    };
    const source$ = new Subject<Event>();
    const errors: Error[] = [];
    source$.pipe(checkpointTo(failing, 'w')).subscribe({ error: (error) => errors.push(error) });
    source$.next(storedEvent(1));
    expect(errors).toEqual([new Error('thrown')]);
  });
});
