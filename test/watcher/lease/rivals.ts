import { firstValueFrom } from 'rxjs';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { grant, leaseOf } from '../../../src/testing/conformance/support/held-lease.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { ByHand } from '../by-hand.ts';
import { fillUp } from '../delivery/fill.ts';
import { begunAtOnce } from '../managed.ts';

/** How long their leases last, in milliseconds. */
export const DURATION = 1200;

/** The smallest step in time, in milliseconds: all times of a lease are multiples of it. */
export const STEP = DURATION / 60;

/** A log of three events, and watchers of one id, which managers of their own share by a lease. */
export function rivals(events = 3) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillUp(store, events);

  /** Makes one, idle, which may see the store otherwise than it is; its attempts end by hand. */
  const rival = (owner: string, options: CreateWatcherOptions = {}, seen: EventStore = store) => {
    const manager = createManager(seen, { lease: { duration: DURATION, owner } });
    const byHand = new ByHand();
    const watcher = begunAtOnce(store, manager.create('w', { handler: byHand.handler, ...options }));
    return { manager, byHand, watcher, state: () => watcher.stats().state };
  };
  const lease = () => leaseOf(store);
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  /** Somebody has the lease of whom nothing else is known; he gives a sign of himself each time that this is called. */
  const sign = (token: number) => grant(store, { owner: 'somebody', token });
  /** Lets time pass in small steps, and what was refused be heard of in between. */
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += STEP) {
      clock.advanceBy(STEP);
      await nextTurn();
    }
  };
  return { clock, store, rival, lease, stored, sign, pass };
}
