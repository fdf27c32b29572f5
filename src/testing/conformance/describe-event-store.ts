import type { EventStore } from '../../index.ts';
import { InvalidOptionsError } from '../../index.ts';
import { checkAll } from '../../validation/check.ts';
import { type TestRunner, withEach } from './runner.ts';
import { describeAppending } from './store/append/appending.ts';
import { describeBatching } from './store/append/batching.ts';
import { describeBounding } from './store/append/bounding.ts';
import { describeCapturing } from './store/append/capturing.ts';
import { describeCoding } from './store/append/coding.ts';
import { describeContexts } from './store/append/contexts.ts';
import { describeIdempotence } from './store/append/idempotence.ts';
import { describeNaming } from './store/append/naming.ts';
import { describeRollbacks } from './store/append/rollbacks.ts';
import { describeSerializing } from './store/append/serializing.ts';
import { describeTimestamps } from './store/append/timestamps.ts';
import { describeClosing } from './store/life/closing.ts';
import { describeFakedTimers } from './store/life/faked-timers.ts';
import { describeImporting } from './store/life/importing.ts';
import { describeValidating } from './store/life/refusing.ts';
import { describeReopening } from './store/life/reopening.ts';
import { describeSharing } from './store/life/sharing.ts';
import { describeInfo } from './store/monitoring/info.ts';
import { describeMissingReports } from './store/monitoring/missing-reports.ts';
import { describeWatcherReports } from './store/monitoring/watcher-reports.ts';
import { describeYielding } from './store/read/breathing.ts';
import { describeFiltering } from './store/read/filtering.ts';
import { describeFollowing } from './store/read/following.ts';
import { describePaging } from './store/read/paging.ts';
import { describeSynchronousReads } from './store/read/reading-at-once.ts';
import { describeReplaying } from './store/read/replaying.ts';
import { describeResolving } from './store/read/resolving.ts';
import { describeStartingAtATime } from './store/read/starting-at-a-time.ts';
import { describeUndecodableEvents } from './store/read/unreadable.ts';
import { describeWaiting } from './store/read/waiting.ts';
import { describeCollectingBeyondLimits } from './store/retention/collecting-beyond-caps.ts';
import { describeCollectingEverything } from './store/retention/collecting-everything.ts';
import { describeCollectingGarbage } from './store/retention/collecting-garbage.ts';
import { describeCollectingUnneededEvents } from './store/retention/collecting-unneeded-events.ts';
import { describeCollectingWithinBounds } from './store/retention/collecting-within-bounds.ts';
import { describeReportingTrouble } from './store/retention/reporting-trouble.ts';
import { describeCheckpointing } from './store/tables/checkpointing.ts';
import { describeDeadLetters } from './store/tables/dead-letters.ts';
import { describeOutlastingDeadLetters } from './store/tables/dead-letters-outlasting.ts';
import { describeFencing } from './store/tables/fencing.ts';
import { describeLeaseRecords } from './store/tables/lease-records.ts';
import { describeMissingDeadLetters } from './store/tables/refusing-dead-letters.ts';
import { describeMissingLeases } from './store/tables/refusing-leases.ts';
import { describeInvalidDeadLetters } from './store/tables/wrong-dead-letters.ts';
import type { OpenStore, StoreFixture, TestedStore } from './store-fixture.ts';
import { fixtureCodec } from './store-fixture.ts';
import { stillClock } from './support/still-clock.ts';
import type { StoreSuite } from './support/suite.ts';
import { describeWatchingInBatches } from './watcher/batches.ts';
import { describeCallingContexts } from './watcher/calling-contexts.ts';
import { describeWatchingCheckpointKinds } from './watcher/checkpoint-kinds.ts';
import { describeWatchingCheckpoints } from './watcher/checkpoints.ts';
import { describeWatchingEnds } from './watcher/ends.ts';
import { describeGivingUp } from './watcher/giving-up.ts';
import { describeWatchingByKey } from './watcher/keyed.ts';
import { describeWatchingUnderLease } from './watcher/leases.ts';
import { describeWatchingInPartitions } from './watcher/partitions.ts';
import { describeWatchingRetries } from './watcher/retries.ts';
import { describeWatchingSeeks } from './watcher/seeks.ts';
import { describeStartPositions } from './watcher/start-positions.ts';
import { describeWatchingStates } from './watcher/states.ts';
import { describeMissingTransactions, describeWatchingInTransactions } from './watcher/transactions.ts';
import { describeWatching } from './watcher/watching.ts';

const FixtureCodec = fixtureCodec(['reopen', 'deadLetters', 'leases', 'importing', 'sharing']);

/**
 * Declares the conformance suite of an event store: the contract of `EventStore`, and of watchers on the store.
 *
 * @param runner - Functions of the test runner: `{ describe, it, beforeEach, afterEach, expect }`.
 * @param name - Name of the group of tests.
 * @param fixture - Creates the tested logs and states which features the engine supports.
 * @throws InvalidOptionsError if the fixture is not valid, for example if `supports` lacks a feature.
 * @see {@link describeEventLog} for the suite of an engine without a store.
 * @example
 * import { afterEach, beforeEach, describe, expect, it } from 'vitest';
 *
 * describeEventStore({ afterEach, beforeEach, describe, expect, it }, 'my engine', {
 *   supports: { reopen: false, deadLetters: false, leases: false, importing: false, sharing: false },
 *   create: () => ({ open: (options) => createEventStore(myEngine(), options ?? {}), cleanup() {} }),
 * });
 */
export function describeEventStore(runner: TestRunner, name: string, fixture: StoreFixture): void {
  checkAll(
    { fixture: [FixtureCodec, fixture] },
    (faults) => new InvalidOptionsError('arguments of describeEventStore', faults),
  );
  const supports = {
    transactions: false,
    reports: false,
    atomicBatches: true,
    synchronousReads: true,
    exactIds: true,
    ...fixture.supports,
  };
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
    describeContexts(suite);
    describeIdempotence(suite);
    describeCapturing(suite);
    describeTimestamps(suite);
    describeReplaying(suite);
    describeFollowing(suite);
    describeYielding(suite);
    describeFakedTimers(suite);
    describeCallingContexts(suite);
    describeFiltering(suite);
    describePaging(suite);
    describeResolving(suite);
    if (supports.synchronousReads) describeSynchronousReads(suite);
    describeStartingAtATime(suite);
    describeWaiting(suite);
    describeCheckpointing(suite);
    describeNaming(suite);
    describeSerializing(suite);
    describeCoding(suite);
    describeBounding(suite);
    describeUndecodableEvents(suite);
    describeValidating(suite);
    describeClosing(suite);
    describeReopening(suite);
    if (supports.deadLetters) {
      describeDeadLetters(suite);
      describeOutlastingDeadLetters(suite);
      describeInvalidDeadLetters(suite);
    } else describeMissingDeadLetters(suite);
    for (const describeWatchers of [
      describeWatching,
      describeWatchingInBatches,
      describeWatchingByKey,
      describeWatchingCheckpoints,
      describeWatchingCheckpointKinds,
      describeStartPositions,
      describeWatchingSeeks,
      describeWatchingRetries,
      describeGivingUp,
      describeWatchingEnds,
      describeWatchingStates,
      describeWatchingInPartitions,
    ]) {
      describeWatchers(suite);
    }
    if (supports.leases) {
      describeLeaseRecords(suite);
      describeFencing(suite);
      describeWatchingUnderLease(suite);
    } else describeMissingLeases(suite);
    describeInfo(suite);
    if (supports.reports) describeWatcherReports(suite);
    else describeMissingReports(suite);
    if (supports.transactions) {
      describeRollbacks(suite);
      describeWatchingInTransactions(suite);
    } else describeMissingTransactions(suite);
    if (supports.importing) describeImporting(suite);
    describeCollectingGarbage(suite);
    describeCollectingEverything(suite);
    describeCollectingUnneededEvents(suite);
    describeCollectingWithinBounds(suite);
    describeCollectingBeyondLimits(suite);
    describeReportingTrouble(suite);
    if (supports.sharing) describeSharing(suite);
    for (const [feature, isSupported] of Object.entries(supports)) {
      if (!isSupported)
        test(`the engine does not support: ${feature}`, () => expect(isSupported).toBe(false));
    }
  });
}
