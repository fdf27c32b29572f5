import { filter, firstValueFrom, type Observable, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventIterator } from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import type { WatcherState } from '../../../src/store/monitoring/watcher-state.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher, WatcherStats } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill, fillKeys, keyOf } from '../../support/watcher/fill.ts';
import { started } from '../../support/watcher/managed-watcher.ts';

const positionOf = (iterator: EventIterator): number =>
  iterator.type === 'after_sequence_number' ? iterator.sequenceNumber : 0;

/** Starts a watcher that has passed the excluded event 2 and has not yet stored 2 as its checkpoint. */
async function waiting() {
  const all = started({ events: 1, filter: { objectTypes: ['Other'] } });
  all.clock.advanceBy(2000);
  await nextTurn();
  fill(all.store, 'Run');
  all.clock.advanceBy(100);
  await nextTurn();
  return all;
}

/** Emits the stats when the watcher has passed an event. */
const passed = (watcher: Watcher, seqNum: number): Observable<WatcherStats> =>
  watcher.stats$.pipe(
    filter(({ nextEventIterator }) => positionOf(nextEventIterator) >= seqNum),
    take(1),
  );

describe('a watcher with a listener that is notified of progress past excluded events', () => {
  it('a watcher stores its checkpoint if a listener that is notified of progress past excluded events stops the watcher', async () => {
    const { clock, store, watcher, stored } = await waiting();
    let stopped: Promise<void> | undefined;
    passed(watcher, 3).subscribe(() => {
      stopped = watcher.stop();
    });

    fill(store, 'Run');
    expect(stopped).toBeDefined();
    await stopped;

    expect(watcher.stats().state).toBe('stopped');
    expect(await stored()).toBe(3);
    expect(clock.timers).toBe(0);
  });

  it('a watcher stores no checkpoint after a listener that is notified of progress past excluded events has removed the watcher', async () => {
    const { clock, store, manager, watcher, stored } = await waiting();
    let removed: Promise<void> | undefined;
    passed(watcher, 3).subscribe(() => {
      removed = manager.remove('w');
    });

    fill(store, 'Run');
    expect(removed).toBeDefined();
    await removed;
    await store.deleteCheckpoint('w');
    clock.advanceBy(5000);
    await nextTurn();

    expect(await stored()).toBeUndefined();
  });
});

it('a keyed watcher stores no checkpoint after its end if a subscriber of stats$ calls stop', async () => {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  await store.storeCheckpoint('w', 0);
  const byHand = new ManualHandler();
  const states: WatcherState[] = [];
  const storeCheckpoint: EventStore['storeCheckpoint'] = (...checkpoint) => {
    states.push(watcher.stats().state);
    return store.storeCheckpoint(...checkpoint);
  };
  const manager = createManager({ ...store, storeCheckpoint });
  const watcher = manager.create('w', { handler: byHand.handler, keyOf, concurrency: 2, autoStart: true });
  fillKeys(store, 'a');
  let stopped: Promise<void> | undefined;
  watcher.stats$
    .pipe(
      filter(({ handled }) => handled === 1),
      take(1),
    )
    .subscribe(() => {
      stopped = watcher.stop();
    });
  clock.advanceBy(1000);

  byHand.finish(1);
  clock.advanceBy(1000);
  await stopped;

  expect(states).toEqual(['running']);
  expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(1);
});
