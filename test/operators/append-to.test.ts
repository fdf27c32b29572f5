import { concat, from, lastValueFrom, of, Subject, take, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event, StoreEventRequest } from '../../src/event/event.ts';
import { createMemoryStore } from '../../src/memory.ts';
import { appendTo } from '../../src/operators/append-to.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { storedEvent } from '../support/events.ts';
import { nextTurn } from '../support/next-turn.ts';

const request = (objectType: string): StoreEventRequest => ({ operation: 'CREATE', objectType, object: {} });

/** Runs `appendTo` on a store that records the requests. The test settles each append. */
function gated() {
  const requested: string[] = [];
  const appends: { resolve: (event: Event) => void; reject: (error: unknown) => void }[] = [];
  const storeEvent = ({ objectType }: StoreEventRequest): Promise<Event> => {
    requested.push(objectType);
    return new Promise<Event>((resolve, reject) => appends.push({ resolve, reject }));
  };
  const source$ = new Subject<StoreEventRequest>();
  const emitted: string[] = [];
  const subscription = source$.pipe(appendTo({ storeEvent } as Pick<EventStore, 'storeEvent'>)).subscribe({
    next: ({ seqNum }) => emitted.push(`${seqNum}`),
    error: (error) => emitted.push(`error: ${error}`),
    complete: () => emitted.push('complete'),
  });
  const finish = async (n: number) => {
    appends[n - 1]?.resolve(storedEvent(n));
    await nextTurn();
  };
  const fail = async (n: number, error: unknown) => {
    appends[n - 1]?.reject(error);
    await nextTurn();
  };
  const send = (...types: string[]) => {
    for (const type of types) source$.next(request(type));
  };
  return { requested, source$, emitted, subscription, finish, fail, send };
}

describe('appendTo', () => {
  it('appendTo stores the requests in order and emits the stored events', async () => {
    const store = createMemoryStore();
    const events$ = from(['Job', 'Run', 'Job'].map(request)).pipe(appendTo(store), toArray());
    const events = await lastValueFrom(events$);
    expect(events.map(({ seqNum, objectType }) => [seqNum, objectType])).toEqual([
      [1, 'Job'],
      [2, 'Run'],
      [3, 'Job'],
    ]);
    expect(await lastValueFrom(store.getLatestSeqNum())).toBe(3);
  });

  it('appendTo requests each append without waiting for the previous one, and emits the stored events in order', async () => {
    const { requested, emitted, send, finish } = gated();
    send('a', 'b', 'c');
    expect(requested).toEqual(['a', 'b', 'c']);
    await finish(3);
    await finish(2);
    expect(emitted).toEqual([]);
    await finish(1);
    expect(emitted).toEqual(['1', '2', '3']);
  });

  it('appendTo completes after the last event is stored', async () => {
    const { source$, emitted, send, finish } = gated();
    send('a', 'b');
    source$.complete();
    await finish(1);
    expect(emitted).toEqual(['1']);
    await finish(2);
    expect(emitted).toEqual(['1', '2', 'complete']);
  });

  it('appendTo emits the events that were stored before a failed append, then errors, and stores nothing more', async () => {
    const { source$, requested, emitted, send, finish, fail } = gated();
    send('a', 'b', 'c');
    // A failed commit rejects all its appends, even appends for which `appendTo` does not wait yet. Each rejection must be
    // handled.
    await fail(2, 'disk full');
    await fail(3, 'disk full');
    expect(emitted).toEqual([]);
    await finish(1);
    expect(emitted).toEqual(['1', 'error: disk full']);
    expect(source$.observed).toBe(false);
    send('d');
    expect(requested).toEqual(['a', 'b', 'c']);
  });

  it('appendTo, at an invalid request, emits the events of all earlier requests, and then errors with an InvalidRequestError', async () => {
    const store = createMemoryStore();
    const invalid = { operation: 'PATCH', objectType: 'Job', object: {} } as unknown as StoreEventRequest;
    const emitted: unknown[] = [];
    await new Promise<void>((resolve) => {
      of(request('Job'), invalid, request('Job'))
        .pipe(appendTo(store))
        .subscribe({
          next: ({ seqNum }) => emitted.push(seqNum),
          error(error) {
            emitted.push(error.code);
            resolve();
          },
        });
    });
    expect(emitted).toEqual([1, 'ERR_INVALID_REQUEST']);
  });

  it('appendTo passes an error of the source on immediately, and still stores the appends in flight', async () => {
    const store = createMemoryStore();
    const failing$ = concat(
      of(request('Job'), request('Job')),
      throwError(() => new Error('lost')),
    );
    await expect(lastValueFrom(failing$.pipe(appendTo(store)))).rejects.toThrow('lost');
    expect(await lastValueFrom(store.getLatestSeqNum())).toBe(2);
  });

  it('appendTo stores nothing more after an unsubscription, and ignores later failures of appends in flight', async () => {
    const { source$, requested, emitted, subscription, send, finish, fail } = gated();
    send('a', 'b');
    subscription.unsubscribe();
    expect(source$.observed).toBe(false);
    send('c');
    await finish(1);
    await fail(2, 'disk full');
    expect({ requested, emitted }).toEqual({ requested: ['a', 'b'], emitted: [] });
  });

  it('appendTo unsubscribes from the source when take() downstream completes', async () => {
    const store = createMemoryStore();
    const source$ = new Subject<StoreEventRequest>();
    const first = lastValueFrom(source$.pipe(appendTo(store), take(1)));
    source$.next(request('Job'));
    expect((await first).seqNum).toBe(1);
    expect(source$.observed).toBe(false);
  });

  it('appendTo errors with a StoreClosedError if the store is closed', async () => {
    const store = createMemoryStore();
    await store.close();
    const code = 'ERR_STORE_CLOSED';
    await expect(lastValueFrom(of(request('Job')).pipe(appendTo(store)))).rejects.toMatchObject({ code });
  });
});
