import type { EventLog } from '../../index.ts';
import { InvalidOptionsError } from '../../index.ts';
import { checkAll } from '../../validation/check.ts';
import { describeLogDuplicates } from './engine/log-duplicates.ts';
import { describeLogFiltering } from './engine/log-filtering.ts';
import { describeLogReading } from './engine/log-reading.ts';
import { describeLogReopening } from './engine/log-reopening.ts';
import { describeLogTransactions } from './engine/log-transactions.ts';
import { describeLogTrimming } from './engine/log-trimming.ts';
import type { LogFixture, OpenLog, TestedLog } from './log-fixture.ts';
import { type TestRunner, withEach } from './runner.ts';
import { fixtureCodec } from './store-fixture.ts';
import type { LogSuite } from './support/suite.ts';

const FixtureCodec = fixtureCodec(['reopen']);

/** Returns a log with an idempotent `close`, so that a test and `afterEach` can both close it. */
function withIdempotentClose(log: EventLog): EventLog {
  let closed: Promise<void> | undefined;
  return {
    ...log,
    close() {
      closed ??= log.close();
      return closed;
    },
  };
}

/**
 * Declares the conformance suite of an engine: the behavior of an `EventLog` on which `createEventStore` relies.
 *
 * @param runner - Functions of the test runner: `{ describe, it, beforeEach, afterEach, expect }`.
 * @param name - Name of the group of tests.
 * @param fixture - Creates the tested logs and states which features the engine supports.
 * @throws InvalidOptionsError if the fixture is not valid, for example if `supports` lacks a feature.
 * @see {@link describeEventStore} for the suite of a store on the engine.
 */
export function describeEventLog(runner: TestRunner, name: string, fixture: LogFixture): void {
  checkAll(
    { fixture: [FixtureCodec, fixture] },
    (faults) => new InvalidOptionsError('arguments of describeEventLog', faults),
  );
  const supports = { transactions: false, exactIds: true, ...fixture.supports };
  const describe = withEach(runner.describe);
  const test = withEach(runner.it);
  const expect = runner.expect as LogSuite['expect'];

  describe(name, () => {
    let tested: TestedLog;
    let opened: EventLog[] = [];

    runner.beforeEach(async () => {
      tested = await fixture.create();
      opened = [];
    });
    runner.afterEach(async () => {
      await Promise.all(opened.map((log) => log.close()));
      await tested.cleanup();
    });
    const open: OpenLog = async () => {
      const log = withIdempotentClose(await tested.open());
      opened.push(log);
      return log;
    };
    const suite: LogSuite = { describe, test, expect, open, supports };

    describeLogReading(suite);
    describeLogFiltering(suite);
    describeLogDuplicates(suite);
    describeLogTrimming(suite);
    if (supports.transactions) describeLogTransactions(suite);
    if (supports.reopen) describeLogReopening(suite);
    for (const [feature, isSupported] of Object.entries(supports)) {
      if (!isSupported)
        test(`the engine does not support: ${feature}`, () => expect(isSupported).toBe(false));
    }
  });
}
