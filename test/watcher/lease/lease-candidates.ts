import { firstValueFrom } from 'rxjs';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { grant, leaseOf } from '../../../src/testing/conformance/support/held-lease.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { withSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Duration of the leases, in milliseconds. */
export const DURATION = 1200;

/** Step of the clock, in milliseconds. All times of a lease are multiples of this step. */
export const STEP = DURATION / 60;

/** Creates a store with events, and functions for watchers of one id that compete for its lease. */
export function leaseCandidates(events = 3) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillUp(store, events);

  /** Creates an idle watcher with its own manager, optionally on a faulty view of the store. */
  const candidate = (owner: string, options: CreateWatcherOptions = {}, view: EventStore = store) => {
    const manager = createManager(view, { lease: { duration: DURATION, owner } });
    const byHand = new ManualHandler();
    const watcher = withSyncStart(store, manager.create('w', { handler: byHand.handler, ...options }));
    return { manager, byHand, watcher, state: () => watcher.stats().state };
  };
  const lease = () => leaseOf(store);
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  /** Grants the lease to a process outside of the test, or renews it. */
  const grantToOutsider = (token: number) => grant(store, { owner: 'outsider', token });
  /** Advances the clock in small steps, and lets pending Promises settle after each step. */
  const advance = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += STEP) {
      clock.advanceBy(STEP);
      await nextTurn();
    }
  };
  return { clock, store, candidate, lease, stored, grantToOutsider, advance };
}
