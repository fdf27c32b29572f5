import { createMemoryStore } from '../../../src/memory.ts';
import { deadLetter } from '../../../src/testing/conformance/support/dead-letters.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fillUp } from '../../support/watcher/fill.ts';

/** Creates an idle watcher with a checkpoint of 5 and a dead letter of each given event. */
export async function watcherWithDeadLetters(
  seqNums: readonly number[],
  options: (byHand: ManualHandler) => CreateWatcherOptions = ({ handler }) => ({ handler }),
) {
  const clock = new VirtualClock();
  clock.frame = 5000;
  const store = createMemoryStore({ scheduler: clock });
  fillUp(store, 5);
  for (const seqNum of seqNums) await store.storeDeadLetter(deadLetter(seqNum), 5);
  const byHand = new ManualHandler();
  const manager = createManager(store);
  const watcher = manager.create('w', options(byHand));
  return { clock, store, manager, byHand, watcher };
}
