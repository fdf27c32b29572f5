import { lastValueFrom, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/event/event.ts';
import { createMemoryStore } from '../../src/memory.ts';
import { checkpointTo } from '../../src/operators/checkpoint-to.ts';
import { storedEvent } from '../support/events.ts';
import { GatedCheckpoints } from '../support/watcher/gated-checkpoints.ts';

function setUp({ limit = Number.POSITIVE_INFINITY } = {}) {
  const store = new GatedCheckpoints();
  const source$ = new Subject<Event>();
  const emitted: string[] = [];
  const subscription = source$.pipe(checkpointTo(store, 'w'), take(limit)).subscribe({
    next: ({ seqNum }) => emitted.push(String(seqNum)),
    error: (error) => emitted.push(`error: ${error.message}`),
    complete: () => emitted.push('complete'),
  });
  const send = (...seqNums: number[]) => {
    for (const seqNum of seqNums) source$.next(storedEvent(seqNum));
  };
  return { store, source$, send, emitted, subscription };
}

describe('the writes of the operator checkpointTo', () => {
  it('checkpointTo makes one write at a time, and omits all but the last value that arrives during a write', async () => {
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
    expect(store.maxInFlight).toBe(1);
  });

  it('checkpointTo begins a write immediately if no other write is in flight', async () => {
    const { store, send } = setUp();
    send(1);
    await store.finish();
    expect(store.writes).toEqual([1]);
    send(2);
    expect(store.writes).toEqual([1, 2]);
  });

  it('checkpointTo completes only after its last write has ended', async () => {
    const { store, source$, send, emitted } = setUp();
    send(1, 2);
    source$.complete();
    expect(emitted).toEqual(['1', '2']);
    await store.finish();
    expect(store.writes).toEqual([1, 2]);
    expect(emitted).not.toContain('complete');
    await store.finish();
    expect(emitted.at(-1)).toBe('complete');
  });

  it('checkpointTo stores the last value that was emitted before an unsubscription', async () => {
    const { store, source$, send, emitted, subscription } = setUp();
    send(1, 2, 3);
    subscription.unsubscribe();
    send(4);
    expect(emitted).toEqual(['1', '2', '3']);
    expect(source$.observed).toBe(false);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
  });

  it('checkpointTo stores the last event that take() downstream emits', async () => {
    const { store, source$, send, emitted } = setUp({ limit: 3 });
    send(1, 2, 3, 4);
    expect(emitted).toEqual(['1', '2', '3', 'complete']);
    expect(source$.observed).toBe(false);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
  });

  it('checkpointTo errors with the error of a write that fails', async () => {
    const { store, source$, send, emitted } = setUp();
    send(1, 2);
    await store.fail(new Error('disk full'));
    expect(emitted).toEqual(['1', '2', 'error: disk full']);
    expect(source$.observed).toBe(false);
    send(3);
    expect(store.writes).toEqual([1]);
  });

  it('checkpointTo errors with the error of the last write if that write fails after the end of the source', async () => {
    const { store, source$, send, emitted } = setUp();
    send(1);
    source$.complete();
    await store.fail(new Error('disk full'));
    expect(emitted).toEqual(['1', 'error: disk full']);
  });

  it('checkpointTo emits no error if a write fails after an unsubscription', async () => {
    const { store, send, emitted, subscription } = setUp();
    send(1);
    subscription.unsubscribe();
    await store.fail(new Error('disk full'));
    expect(emitted).toEqual(['1']);
  });

  it('checkpointTo passes an error of the source on without a delay, and still stores the last emitted value', async () => {
    const { store, source$, send, emitted } = setUp();
    send(1, 2);
    source$.error(new Error('lost'));
    expect(emitted).toEqual(['1', '2', 'error: lost']);
    await store.finish();
    expect(store.writes).toEqual([1, 2]);
  });

  it('checkpointTo errors with a StoreClosedError if the store is closed', async () => {
    const store = createMemoryStore();
    const source$ = new Subject<Event>();
    const end = lastValueFrom(source$.pipe(checkpointTo(store, 'w')));
    await store.close();
    source$.next(storedEvent(1));
    await expect(end).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' });
  });

  it('checkpointTo errors with an error that storeCheckpoint throws synchronously', () => {
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
