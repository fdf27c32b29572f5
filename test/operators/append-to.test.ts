import { concat, from, lastValueFrom, of, Subject, take, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event, StoreEventRequest } from '../../src/event/event.ts';
import { createMemoryStore } from '../../src/memory.ts';
import { appendTo } from '../../src/operators/append-to.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { nextTurn } from '../scheduling/next-turn.ts';
import { storedEvent } from './stored-event.ts';

const request = (objectType: string): StoreEventRequest => ({ operation: 'CREATE', objectType, object: {} });

/** What `appendTo` stores to: shows the requests, and lets the test say when, and how, each append ends. */
function gated() {
  const asked: string[] = [];
  const ends: { resolve: (event: Event) => void; reject: (error: unknown) => void }[] = [];
  const storeEvent = ({ objectType }: StoreEventRequest): Promise<Event> => {
    asked.push(objectType);
    return new Promise<Event>((resolve, reject) => ends.push({ resolve, reject }));
  };
  const source$ = new Subject<StoreEventRequest>();
  const told: string[] = [];
  const subscription = source$.pipe(appendTo({ storeEvent } as Pick<EventStore, 'storeEvent'>)).subscribe({
    next: ({ seqNum }) => told.push(`${seqNum}`),
    error: (error) => told.push(`error: ${error}`),
    complete: () => told.push('complete'),
  });
  const finish = async (n: number) => {
    ends[n - 1]?.resolve(storedEvent(n));
    await nextTurn();
  };
  const fail = async (n: number, error: unknown) => {
    ends[n - 1]?.reject(error);
    await nextTurn();
  };
  const send = (...types: string[]) => {
    for (const type of types) source$.next(request(type));
  };
  return { asked, source$, told, subscription, finish, fail, send };
}

describe('appendTo', () => {
  it('stores the requests in order, and emits the events as stored', async () => {
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

  it('does not wait for one append before the next, and emits in order whichever ends first', async () => {
    const { asked, told, send, finish } = gated();
    send('a', 'b', 'c');
    expect(asked).toEqual(['a', 'b', 'c']);
    await finish(3);
    await finish(2);
    expect(told).toEqual([]);
    await finish(1);
    expect(told).toEqual(['1', '2', '3']);
  });

  it('completes behind the last event, and not before', async () => {
    const { source$, told, send, finish } = gated();
    send('a', 'b');
    source$.complete();
    await finish(1);
    expect(told).toEqual(['1']);
    await finish(2);
    expect(told).toEqual(['1', '2', 'complete']);
  });

  it('fails behind the events before the one that cannot be stored, and asks for nothing more', async () => {
    const { source$, asked, told, send, finish, fail } = gated();
    send('a', 'b', 'c');
    // Before their turn, as a commit that fails rejects all who are in it: no rejection of theirs is unhandled.
    await fail(2, 'disk full');
    await fail(3, 'disk full');
    expect(told).toEqual([]);
    await finish(1);
    expect(told).toEqual(['1', 'error: disk full']);
    expect(source$.observed).toBe(false);
    send('d');
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('refuses what no event can be, behind those before it', async () => {
    const store = createMemoryStore();
    const wrong = { operation: 'PATCH', objectType: 'Job', object: {} } as unknown as StoreEventRequest;
    const told: unknown[] = [];
    await new Promise<void>((resolve) => {
      of(request('Job'), wrong, request('Job'))
        .pipe(appendTo(store))
        .subscribe({
          next: ({ seqNum }) => told.push(seqNum),
          error(error) {
            told.push(error.code);
            resolve();
          },
        });
    });
    expect(told).toEqual([1, 'ERR_INVALID_REQUEST']);
  });

  it('passes an error of the source on at once; what was in flight is stored all the same', async () => {
    const store = createMemoryStore();
    const failing$ = concat(
      of(request('Job'), request('Job')),
      throwError(() => new Error('lost')),
    );
    await expect(lastValueFrom(failing$.pipe(appendTo(store)))).rejects.toThrow('lost');
    expect(await lastValueFrom(store.getLatestSeqNum())).toBe(2);
  });

  it('stores nothing more behind an unsubscription, and does not mind what fails then', async () => {
    const { source$, asked, told, subscription, send, finish, fail } = gated();
    send('a', 'b');
    subscription.unsubscribe();
    expect(source$.observed).toBe(false);
    send('c');
    await finish(1);
    await fail(2, 'disk full');
    expect({ asked, told }).toEqual({ asked: ['a', 'b'], told: [] });
  });

  it('lets go of the source when nobody wants more', async () => {
    const store = createMemoryStore();
    const source$ = new Subject<StoreEventRequest>();
    const first = lastValueFrom(source$.pipe(appendTo(store), take(1)));
    source$.next(request('Job'));
    expect((await first).seqNum).toBe(1);
    expect(source$.observed).toBe(false);
  });

  it('fails with the error of a store that is closed', async () => {
    const store = createMemoryStore();
    await store.close();
    const code = 'ERR_STORE_CLOSED';
    await expect(lastValueFrom(of(request('Job')).pipe(appendTo(store)))).rejects.toMatchObject({ code });
  });
});
