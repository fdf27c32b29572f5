import { type EventStore, InvalidOptionsError } from '../../index.ts';
import { checkAll } from '../../validation/check.ts';
import { describeAppending } from './appending.ts';
import { describeBatching } from './batching.ts';
import { describeBounding } from './bounding.ts';
import { describeBreathing } from './breathing.ts';
import { describeCallingContexts } from './calling-contexts.ts';
import { describeCapturing } from './capturing.ts';
import { describeCheckpointing } from './checkpointing.ts';
import { describeClock } from './clock.ts';
import { describeClosing } from './closing.ts';
import { describeCoding } from './coding.ts';
import { describeCollectingBeyondCaps } from './collecting-beyond-caps.ts';
import { describeCollectingEverything } from './collecting-everything.ts';
import { describeCollectingGarbage } from './collecting-garbage.ts';
import { describeCollectingWhatNobodyNeeds } from './collecting-what-nobody-needs.ts';
import { describeCollectingWithinBounds } from './collecting-within-bounds.ts';
import { describeDeadLetters } from './dead-letters.ts';
import { describeOutlastingLetters } from './dead-letters-outlasting.ts';
import { describeFakedTimers } from './faked-timers.ts';
import { describeFencing } from './fencing.ts';
import { describeFiltering } from './filtering.ts';
import { describeFollowing } from './following.ts';
import { describeLeaseRecords } from './lease-records.ts';
import { describeNaming } from './naming.ts';
import { describePaging } from './paging.ts';
import { describeReadingAtOnce } from './reading-at-once.ts';
import { describeRefusing } from './refusing.ts';
import { describeRefusingLeases } from './refusing-leases.ts';
import { describeRefusingLetters } from './refusing-letters.ts';
import { describeReopening } from './reopening.ts';
import { describeReplaying } from './replaying.ts';
import { describeReportingTrouble } from './reporting-trouble.ts';
import { describeResolving } from './resolving.ts';
import { describeRestoring } from './restoring.ts';
import { type TestRunner, withEach } from './runner.ts';
import { describeSerializing } from './serializing.ts';
import { describeSharing } from './sharing.ts';
import { describeStartingAtATime } from './starting-at-a-time.ts';
import { stillClock } from './still-clock.ts';
import { fixtureCodec, type OpenStore, type StoreFixture, type TestedStore } from './store-fixture.ts';
import type { StoreSuite } from './suite.ts';
import { describeUnreadable } from './unreadable.ts';
import { describeWaiting } from './waiting.ts';
import { describeWatching } from './watching.ts';
import { describeWatchingByKey } from './watching-by-key.ts';
import { describeWatchingCheckpointKinds } from './watching-checkpoint-kinds.ts';
import { describeWatchingCheckpoints } from './watching-checkpoints.ts';
import { describeWatchingEnds } from './watching-ends.ts';
import { describeWatchingGivenUp } from './watching-given-up.ts';
import { describeWatchingInBatches } from './watching-in-batches.ts';
import { describeWatchingPlaces } from './watching-places.ts';
import { describeWatchingRetries } from './watching-retries.ts';
import { describeWatchingSeeks } from './watching-seeks.ts';
import { describeWatchingStates } from './watching-states.ts';
import { describeWatchingUnderLease } from './watching-under-lease.ts';
import { describeWrongLetters } from './wrong-letters.ts';

const FixtureCodec = fixtureCodec(['reopen', 'deadLetters', 'leases', 'restoring', 'sharing']);

/**
 * Tests that a store keeps every promise of the contract, whatever engine it is on, and that watchers do on it.
 *
 * @param runner - The functions of the test runner: `{ describe, it, beforeEach, afterEach, expect }`.
 * @param name - What the group of tests is called.
 * @param fixture - Makes the logs to test, and says what the engine supports.
 * @throws InvalidOptionsError if it says so by an unknown name, or does not say it.
 * @example
 * import { afterEach, beforeEach, describe, expect, it } from 'vitest';
 *
 * describeEventStore({ afterEach, beforeEach, describe, expect, it }, 'my engine', {
 *   supports: { reopen: false, deadLetters: false, leases: false, restoring: false, sharing: false },
 *   create: () => ({ open: (options) => createEventStore(myEngine(), options ?? {}), cleanup() {} }),
 * });
 */
export function describeEventStore(runner: TestRunner, name: string, fixture: StoreFixture): void {
  checkAll(
    { fixture: [FixtureCodec, fixture] },
    (faults) => new InvalidOptionsError('arguments of describeEventStore', faults),
  );
  const supports = { atomicBatches: true, synchronousReads: true, ...fixture.supports };
  const describe = withEach(runner.describe);
  const test = withEach(runner.it);
  const expect = runner.expect as StoreSuite['expect'];

  describe(name, () => {
    let tested: TestedStore;
    let opened: EventStore[] = [];

    runner.beforeEach(async () => {
      tested = await fixture.create();
      opened = [];
    });
    runner.afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      await tested.cleanup();
    });
    const open: OpenStore = async (options) => {
      const store = await tested.open({ scheduler: stillClock(), gcAgeThreshold: 0, ...options });
      opened.push(store);
      return store;
    };
    const suite: StoreSuite = { describe, test, expect, open, supports };

    describeAppending(suite);
    describeBatching(suite);
    describeCapturing(suite);
    describeClock(suite);
    describeReplaying(suite);
    describeFollowing(suite);
    describeBreathing(suite);
    describeFakedTimers(suite);
    describeCallingContexts(suite);
    describeFiltering(suite);
    describePaging(suite);
    describeResolving(suite);
    if (supports.synchronousReads) describeReadingAtOnce(suite);
    describeStartingAtATime(suite);
    describeWaiting(suite);
    describeCheckpointing(suite);
    describeNaming(suite);
    describeSerializing(suite);
    describeCoding(suite);
    describeBounding(suite);
    describeUnreadable(suite);
    describeRefusing(suite);
    describeClosing(suite);
    describeReopening(suite);
    if (supports.deadLetters) {
      describeDeadLetters(suite);
      describeOutlastingLetters(suite);
      describeWrongLetters(suite);
    } else describeRefusingLetters(suite);
    for (const describeWatchers of [
      describeWatching,
      describeWatchingInBatches,
      describeWatchingByKey,
      describeWatchingCheckpoints,
      describeWatchingCheckpointKinds,
      describeWatchingPlaces,
      describeWatchingSeeks,
      describeWatchingRetries,
      describeWatchingGivenUp,
      describeWatchingEnds,
      describeWatchingStates,
    ]) {
      describeWatchers(suite);
    }
    if (supports.leases) {
      describeLeaseRecords(suite);
      describeFencing(suite);
      describeWatchingUnderLease(suite);
    } else describeRefusingLeases(suite);
    if (supports.restoring) describeRestoring(suite);
    describeCollectingGarbage(suite);
    describeCollectingEverything(suite);
    describeCollectingWhatNobodyNeeds(suite);
    describeCollectingWithinBounds(suite);
    describeCollectingBeyondCaps(suite);
    describeReportingTrouble(suite);
    if (supports.sharing) describeSharing(suite);
    for (const [what, isSupported] of Object.entries(supports)) {
      if (!isSupported) test(`does not support: ${what}`, () => expect(isSupported).toBe(false));
    }
  });
}
