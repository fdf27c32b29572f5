import { describe, it } from 'vitest';
import type { EventFilter } from '../../../src/event/event-filter.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

describe('watch with a filter', () => {
  it.each<[string, EventFilter | undefined, string]>([
    ['no filter', undefined, '             -1-2-3-4-5'],
    ['an empty filter', {}, '                 -1-2-3-4-5'],
    ['a filter of one type', { objectTypes: ['Job'] }, '-1-2---4--'],
    ['a filter of two types', { objectTypes: ['Run', 'Node'] }, '-----3---5'],
  ])('a watcher with %s delivers every event that matches, and no other event', (_name, filter, expected) => {
    withStore(({ store, cold, hot, expectObservable }) => {
      const types = { j: 'Job', r: 'Run', n: 'Node' };
      hot<string>('j-j-r-j-n', types).subscribe((objectType) => fill(store, objectType));
      const handler = () => cold('-|');

      expectObservable(watch(store, 'w', { handler, filter }).pipe(asMarbles)).toBe(expected.trim());
    })();
  });

  it(
    'a watcher delivers only events with the operations of the filter',
    withStore(({ store, cold, expectObservable }) => {
      for (const operation of ['CREATE', 'UPDATE', 'DELETE', 'UPDATE'] as const) {
        void store.storeEvent({ operation, objectType: 'Job', object: {} });
      }
      const options = { handler: () => cold('-|'), filter: { operations: ['UPDATE'] } } as const;

      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe('-24');
    }),
  );

  it(
    'a watcher reads further pages if several pages contain no matching event',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Run', 'Run', 'Run', 'Run', 'Job', 'Run', 'Run', 'Run', 'Job');
      const options = { handler: () => cold('-|'), filter: { objectTypes: ['Job'] }, batchSize: 2 };

      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe('-59');
    }),
  );
});
