import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { grant } from '../../../src/testing/conformance/support/held-lease.ts';
import { span } from '../../../src/testing/conformance/support/requests.ts';
import { faultyStore } from '../../../src/testing/faulty-store.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { COUNT, DURATION, partitioned } from './partitioned.ts';

/** Returns the owners of all leases of a store. */
const ownersOf = async (store: EventStore): Promise<readonly string[]> =>
  [...(await firstValueFrom(store.leases())).values()].flatMap(({ owner }) => owner ?? []);

describe('the storage of the first checkpoints of partitions under their leases', () => {
  it('the leases of partitions are released if the store rejects the first checkpoints', async () => {
    const { process, store } = partitioned();
    const error = new StoreError('disk full');
    const first = process('first', {}, faultyStore(store, [{ method: 'storeCheckpoint', error }]));
    first.watcher.start();
    await nextTurn();
    expect(first.watcher.stats()).toMatchObject({ state: 'standby', lastError: error });
    expect(await ownersOf(store)).toEqual([]);

    const second = process('second');
    second.watcher.start();
    await nextTurn();
    expect(second.owned()).toEqual(span(0, COUNT - 1));
  });

  it('the leases of partitions are released if the watcher is stopped before the first checkpoints are stored', async () => {
    const { clock, process, store } = partitioned();
    const slow = faultyStore(store, [{ method: 'storeCheckpoint', delay: DURATION }]);
    const { watcher, state } = process('first', {}, slow);
    watcher.start();
    await nextTurn();
    expect(await ownersOf(store)).toHaveLength(COUNT);
    await watcher.stop();
    expect(state()).toBe('stopped');
    expect(await ownersOf(store)).toEqual([]);
    clock.advanceBy(DURATION);
  });

  it('a stop during the writes that acquire the leases of partitions waits until these leases are released', async () => {
    const { clock, process, store } = partitioned();
    const slow = faultyStore(store, [{ method: 'storeLease', delay: DURATION / 4 }]);
    const { watcher, state } = process('first', {}, slow);
    watcher.start();
    await nextTurn();
    let isStopped = false;
    const stopped = watcher.stop().then(() => {
      isStopped = true;
    });
    await nextTurn();
    expect([isStopped, await ownersOf(store)]).toEqual([false, []]);
    for (const _ of span(1, 3)) {
      clock.advanceBy(DURATION / 4);
      await nextTurn();
    }
    await stopped;
    expect([state(), await ownersOf(store)]).toEqual(['stopped', []]);
  });

  it('a watcher does not fail if another process takes the lease of a partition before its first checkpoint is stored', async () => {
    const { clock, process, store, checkpoints } = partitioned();
    let isTaken = false;
    const id = `w [0/${COUNT}]`;
    const { watcher, state } = process(
      'first',
      {},
      {
        ...store,
        async storeCheckpoint(...args) {
          if (args[0] === id && !isTaken) {
            isTaken = true;
            await grant(store, { token: 2, owner: 'outsider' }, id);
          }
          return store.storeCheckpoint(...args);
        },
      },
    );
    watcher.start();
    await nextTurn();
    expect([isTaken, state(), (await checkpoints()).has(id)]).toEqual([true, 'standby', false]);
    for (const _ of span(1, 6)) {
      clock.advanceBy(DURATION / 3);
      await nextTurn();
    }
    expect([state(), (await checkpoints()).has(id)]).toEqual(['running', true]);
  });
});
