import { EMPTY, NEVER, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { fillUp } from '../delivery/fill.ts';
import { withStore } from '../delivery/virtual-store.ts';

const MANY = 5000;
/** What takes time with the square of their number takes a minute, and more. */
const AT_MOST = 10_000;

const bySeqNum = ({ seqNum }: { seqNum: number }) => `${seqNum}`;

describe('thousands of events under way', () => {
  it(
    'behind a key that blocks are handled in time',
    withStore(({ store, flush }) => {
      fillUp(store, MANY);
      let done = 0;
      const began = performance.now();
      watch(store, 'w', {
        handler: ({ seqNum }) => (seqNum === 1 ? NEVER : EMPTY),
        keyOf: bySeqNum,
        concurrency: 2,
        bufferSize: MANY,
      }).subscribe(() => done++);
      flush();
      expect(done).toBe(MANY - 1);
      expect(performance.now() - began).toBeLessThan(AT_MOST);
    }),
  );

  it.each([
    ['of as many keys that wait for a place', bySeqNum],
    ['that wait in one lane', () => 'a'],
  ])('%s are handled in time, and without a stack, and let go at once', (_name, keyOf) => {
    withStore(({ store, flush }) => {
      fillUp(store, MANY);
      let done = 0;
      const first = new Subject<never>();
      const began = performance.now();
      const options = { keyOf, concurrency: 2, bufferSize: MANY };
      const handler = ({ seqNum }: { seqNum: number }) => (seqNum <= 2 ? first : EMPTY);
      watch(store, 'w', { ...options, handler }).subscribe(() => done++);
      const gone = watch(store, 'v', { ...options, handler: () => NEVER }).subscribe();
      flush();
      expect(done).toBe(0);
      first.complete();
      flush();
      expect(done).toBe(MANY);
      gone.unsubscribe();
      expect(performance.now() - began).toBeLessThan(AT_MOST);
    })();
  });
});
