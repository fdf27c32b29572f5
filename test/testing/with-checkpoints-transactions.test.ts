import { watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { playRequests, request, withCheckpoints } from 'rx-watcher/testing';
import { map } from 'rxjs';
import { test } from 'vitest';
import { inVirtualTime } from '../support/virtual-time.ts';

test(
  'withCheckpoints also emits the checkpoints that transactions store',
  inVirtualTime(({ scheduler, expectObservable }) => {
    const { store, checkpoints$ } = withCheckpoints(createMemoryStore({ scheduler }));
    playRequests(scheduler, store, '-a--a', { a: request() });
    const stored = checkpoints$.pipe(map(({ watcherId, seqNum }) => `${watcherId}${seqNum}`));
    const expected = '                   -b--c';

    expectObservable(stored).toBe(expected, { b: 'w1', c: 'w2' });
    watch(store, 'w', { transactionHandler: () => undefined }).subscribe();
  }),
);
