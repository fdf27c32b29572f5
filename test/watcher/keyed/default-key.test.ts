import { test } from 'vitest';
import type { StoreEventRequest } from '../../../src/event/event.ts';
import { request } from '../../../src/testing/builders.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

/** Watches the events of requests without `keyOf`; each handler takes four frames. */
const expectMarbles = (requests: readonly StoreEventRequest[], expected: string) =>
  withStore(({ store, cold, expectObservable }) => {
    void store.storeEvents(requests);
    const handled = cold('----|');
    const watched = watch(store, 'w', { handler: () => handled, concurrency: 9 });

    expectObservable(watched.pipe(asMarbles)).toBe(expected);
  })();

test('a watcher with the default of keyOf handles events of one key in order, and events of different keys concurrently', () => {
  const requests = ['a', 'b', 'a'].map((key) => request({ key }));
  expectMarbles(requests, '----(12)3');
});

test('a watcher with the default of keyOf ignores the object type of an event with a key', () => {
  const requests = ['A', 'B'].map((objectType) => request({ key: 'k', objectType }));
  expectMarbles(requests, '----1---2');
});

test('a watcher with the default of keyOf handles events of one object type without a key in order', () => {
  const requests = ['A', 'B', 'A'].map((objectType) => request({ objectType }));
  expectMarbles(requests, '----(12)3');
});

test.each(['A', '\0A', '\u{10000}A'])(
  'a watcher with the default of keyOf does not confuse a key with an equal object type: %j',
  (key) => {
    const requests = ['A', '\0A', '\u{10000}A'].map((objectType) => request({ objectType }));
    expectMarbles([...requests, request({ key })], '----(1234)');
  },
);
