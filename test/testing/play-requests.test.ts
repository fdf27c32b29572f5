import { InvalidRequestError, latest, type StoreEventRequest, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { assertMarbles, contentsOf, event, formatEvent, playRequests, request } from 'rx-watcher/testing';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';

const requests = {
  c: request({ objectType: 'Job' }),
  u: request({ operation: 'UPDATE', objectType: 'Job' }),
  d: request({ operation: 'DELETE', objectType: 'Job' }),
};

const setUp = () => {
  const scheduler = new TestScheduler(assertMarbles);
  return { scheduler, store: createMemoryStore({ scheduler }) };
};

describe('playRequests', () => {
  it('playRequests stores each request at its time in the diagram', () => {
    const { scheduler, store } = setUp();

    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, store, '--c-u-d', requests);

      expectObservable(store.events(latest())).toBe('--c-u-d', {
        c: event({ ...requests.c, seqNum: 1, timestamp: new Date(2) }),
        u: event({ ...requests.u, seqNum: 2, timestamp: new Date(4) }),
        d: event({ ...requests.d, seqNum: 3, timestamp: new Date(6) }),
      });
    });
  });

  it('playRequests supports groups and spans of time in the diagram', () => {
    const { scheduler, store } = setUp();

    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, store, '(cu) 2s d', requests);

      expectObservable(store.events(trimHorizon()).pipe(map(formatEvent))).toBe('(cu) 2s d', {
        c: '1 CREATE Job {}',
        u: '2 UPDATE Job {}',
        d: '3 DELETE Job {}',
      });
    });
  });

  it('playRequests stores each event only at its time in the diagram, so that contentsOf does not emit the event earlier', () => {
    const { scheduler, store } = setUp();
    const [a, b] = ['1 CREATE Job {}', '2 UPDATE Job {}'];

    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, store, '             --c-u', requests);

      expectObservable(contentsOf(store), '        -^').toBe('-|');
      expectObservable(contentsOf(store), '        ---^').toBe('---(a|)', { a });
      expectObservable(contentsOf(store), '        -----^').toBe('-----(ab|)', { a, b });
    });
  });

  it('playRequests continues after an invalid request, and causes no unhandled rejection', async () => {
    const { scheduler, store } = setUp();
    const results: Promise<unknown>[] = [];
    const observed = {
      storeEvent(playedRequest: StoreEventRequest) {
        const stored = store.storeEvent(playedRequest);
        results.push(stored.catch((error: unknown) => error));
        return stored;
      },
    };

    scheduler.run(({ expectObservable }) => {
      playRequests(scheduler, observed, '--x-c', { ...requests, x: request({ objectType: '' }) });

      expectObservable(contentsOf(store), '-----^').toBe('-----(a|)', { a: '1 CREATE Job {}' });
    });

    // The test has handled the rejected Promise of the store. If `playRequests` derived another Promise from it, that
    // Promise would be rejected without a handler, which fails the test run.
    expect(await Promise.all(results)).toEqual([
      expect.any(InvalidRequestError),
      expect.objectContaining({ seqNum: 1 }),
    ]);
  });
});
