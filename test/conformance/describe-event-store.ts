import type { EventStore } from 'rx-watcher';
import { afterEach, beforeEach, describe } from 'vitest';
import { describeAppending } from './appending.ts';
import { describeBatching } from './batching.ts';
import { describeBounding } from './bounding.ts';
import { describeBreathing } from './breathing.ts';
import { describeCapturing } from './capturing.ts';
import { describeCheckpointing } from './checkpointing.ts';
import { describeClock } from './clock.ts';
import { describeClosing } from './closing.ts';
import { describeFiltering } from './filtering.ts';
import { describeFollowing } from './following.ts';
import { describeNaming } from './naming.ts';
import { describePaging } from './paging.ts';
import { describeRefusing } from './refusing.ts';
import { describeReopening } from './reopening.ts';
import { describeReplaying } from './replaying.ts';
import { describeResolving } from './resolving.ts';
import { describeSerializing } from './serializing.ts';
import { describeStartingAtATime } from './starting-at-a-time.ts';
import { stillClock } from './still-clock.ts';
import type { OpenStore, StoreCapabilities, StoreFixture } from './store-fixture.ts';
import { describeUnreadable } from './unreadable.ts';
import { describeWaiting } from './waiting.ts';

/**
 * Tests that a store keeps every promise of the contract, whatever engine it is on.
 *
 * @param createFixture - Called before each test, for a log that is empty.
 */
export function describeEventStore(
  name: string,
  createFixture: () => StoreFixture | Promise<StoreFixture>,
  capabilities: StoreCapabilities,
): void {
  describe(name, () => {
    let fixture: StoreFixture;
    let opened: EventStore[] = [];

    beforeEach(async () => {
      fixture = await createFixture();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      await fixture.cleanup();
    });
    const open: OpenStore = async (options) => {
      const store = await fixture.open({ scheduler: stillClock(), gcAgeThreshold: 0, ...options });
      opened.push(store);
      return store;
    };

    describeAppending(open);
    describeBatching(open);
    describeCapturing(open);
    describeClock(open, capabilities);
    describeReplaying(open);
    describeFollowing(open);
    describeBreathing(open);
    describeFiltering(open);
    describePaging(open);
    describeResolving(open);
    describeStartingAtATime(open);
    describeWaiting(open);
    describeCheckpointing(open);
    describeNaming(open);
    describeSerializing(open);
    describeBounding(open, capabilities);
    describeUnreadable(open);
    describeRefusing(open);
    describeClosing(open, capabilities);
    describeReopening(open, capabilities);
  });
}
