import { EMPTY, NEVER, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { withStore } from '../../support/watcher/virtual-store.ts';

const MANY = 5000;
/** Maximum time of a test, in milliseconds. An algorithm with quadratic time would need more than a minute. */
const MAX_TIME = 10_000;

const bySeqNum = ({ seqNum }: { seqNum: number }) => `${seqNum}`;

describe('a keyed watcher with thousands of events in flight', () => {
  it(
    'a keyed watcher handles thousands of events in linear time while one event stays in flight',
    withStore(({ store, flush }) => {
      fillUp(store, MANY);
      let outcomes = 0;
      const start = performance.now();
      watch(store, 'w', {
        handler: ({ seqNum }) => (seqNum === 1 ? NEVER : EMPTY),
        keyOf: bySeqNum,
        concurrency: 2,
        bufferSize: MANY,
      }).subscribe(() => outcomes++);
      flush();
      expect(outcomes).toBe(MANY - 1);
      expect(performance.now() - start).toBeLessThan(MAX_TIME);
    }),
  );

  it.each([
    ['events of different keys that wait for a free slot', bySeqNum],
    ['events that wait in one key queue', () => 'a'],
  ])(
    'a keyed watcher handles thousands of events in linear time and without recursion, and ends at an unsubscription: %s',
    (_name, keyOf) => {
      withStore(({ store, flush }) => {
        fillUp(store, MANY);
        let outcomes = 0;
        const first = new Subject<never>();
        const start = performance.now();
        const options = { keyOf, concurrency: 2, bufferSize: MANY };
        const handler = ({ seqNum }: { seqNum: number }) => (seqNum <= 2 ? first : EMPTY);
        watch(store, 'w', { ...options, handler }).subscribe(() => outcomes++);
        const unsubscribed = watch(store, 'v', { ...options, handler: () => NEVER }).subscribe();
        flush();
        expect(outcomes).toBe(0);
        first.complete();
        flush();
        expect(outcomes).toBe(MANY);
        unsubscribed.unsubscribe();
        expect(performance.now() - start).toBeLessThan(MAX_TIME);
      })();
    },
  );
});
