import { distinctUntilChanged, EMPTY, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';
import { failingReads } from './failing-reads.ts';

const broken = () => new StoreError('cannot read');
const handler = () => EMPTY;

describe('a watcher with failing reads', () => {
  it(
    'a watcher retries a failed read after a delay that doubles up to maxBackoff',
    withStore(({ store, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const failing = failingReads(store, 4, broken);
      const watched = watch(failing, 'w', { handler, initialBackoff: 1, maxBackoff: 3 });

      expectObservable(watched.pipe(asMarbles)).toBe('---------(12)');
    }),
  );

  it(
    'a watcher retries a failed read without a limit and skips no event, whatever its retryStrategy is',
    withStore(({ store, expectObservable }) => {
      fill(store, 'Job');
      const failing = failingReads(store, 50, broken);
      const options = {
        handler,
        initialBackoff: 1,
        maxBackoff: 1,
        maxRetries: 0,
        retryStrategy: 'skip',
      } as const;

      expectObservable(watch(failing, 'w', options).pipe(asMarbles)).toBe('50ms 1');
    }),
  );

  it(
    'the delay before the retry of a failed read starts at its initial value again after each successful read',
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job');
      hot('                  ------x---------').subscribe(() => fill(store, 'Job'));
      let reads = 0;
      const failingTwice: EventStore = {
        ...store,
        getEvents: (request) => failingReads(store, reads++ % 3 < 2 ? 1 : 0, broken).getEvents(request),
      };
      const watched = watch(failingTwice, 'w', { handler, initialBackoff: 1 });

      // Reads 1 and 2 fail, read 3 returns event 1. Reads 4 and 5 fail, read 6 waits and returns event 2.
      expectObservable(watched.pipe(asMarbles)).toBe('---1--2');
    }),
  );

  it(
    'a watcher reports the error of a failed read in lastError and stays running',
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job');
      const watcher = createManager(failingReads(store, 2, broken)).create('w', {
        handler,
        initialBackoff: 2,
      });
      const stats = watcher.stats$.pipe(
        map(
          ({ state, handled, lastError }) => `${state}, ${handled} handled: ${lastError?.message ?? 'none'}`,
        ),
        distinctUntilChanged(),
      );
      const values = {
        a: 'idle, 0 handled: none',
        b: 'running, 0 handled: none',
        d: 'running, 1 handled: cannot read',
      };
      hot('             --x').subscribe(() => watcher.start());
      const expected = 'a-b 99ms d';

      expectObservable(stats).toBe(expected, values);
    }),
  );

  it(
    'a watcher retries the read of its checkpoint if that read fails',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      void store.storeCheckpoint('w', 1);
      let failures = 2;
      const failing: EventStore = {
        ...store,
        getCheckpoint: (id) => (failures-- > 0 ? cold('--#', {}, broken()) : store.getCheckpoint(id)),
      };
      const watched = watch(failing, 'w', { handler, initialBackoff: 1 });

      expectObservable(watched.pipe(asMarbles)).toBe('-------2');
    }),
  );

  it(
    'a stop during the delay before the retry of a read ends the watcher immediately, without another read',
    withStore(({ store, cold, flush, scheduler }) => {
      let reads = 0;
      const failing: EventStore = {
        ...store,
        getEvents: () => {
          reads++;
          return cold<never>('#', {}, broken());
        },
      };
      const watcher = createManager(failing).create('w', { handler, autoStart: true, initialBackoff: 1000 });
      cold('---x').subscribe(() => void watcher.stop());
      flush();
      expect(watcher.stats().state).toBe('stopped');
      expect({ reads, now: scheduler.now() }).toEqual({ reads: 1, now: 3 });
    }),
  );
});
