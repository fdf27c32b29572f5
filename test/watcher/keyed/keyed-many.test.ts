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

  /** Keys with which thousands of events wait, and the number of attempts that are in flight meanwhile. */
  const waiting: readonly [string, (event: { seqNum: number }) => string, number][] = [
    ['events of different keys that wait for a free slot', bySeqNum, 2],
    ['events that wait in one key queue', () => 'a', 1],
  ];

  it.each(waiting)(
    'a keyed watcher handles thousands of waiting events in linear time: %s',
    (_name, keyOf) => {
      withStore(({ store, flush }) => {
        fillUp(store, MANY);
        let outcomes = 0;
        const first = new Subject<never>();
        const handler = ({ seqNum }: { seqNum: number }) => (seqNum <= 2 ? first : EMPTY);
        const start = performance.now();
        watch(store, 'w', { keyOf, concurrency: 2, bufferSize: MANY, handler }).subscribe(() => outcomes++);
        flush();
        expect(outcomes).toBe(0);
        first.complete();
        flush();
        expect(outcomes).toBe(MANY);
        expect(performance.now() - start).toBeLessThan(MAX_TIME);
      })();
    },
  );

  it.each(waiting)(
    'an unsubscription from a keyed watcher discards thousands of waiting events in linear time: %s',
    (_name, keyOf, inFlight) => {
      withStore(({ store, flush }) => {
        fillUp(store, MANY);
        let attempts = 0;
        const handler = () => {
          attempts++;
          return NEVER;
        };
        const start = performance.now();
        const watched = watch(store, 'w', { keyOf, concurrency: 2, bufferSize: MANY, handler }).subscribe();
        flush();
        watched.unsubscribe();
        flush();
        expect(attempts).toBe(inFlight);
        expect(performance.now() - start).toBeLessThan(MAX_TIME);
      })();
    },
  );
});
