import type { EventLog } from 'rx-watcher';
import { afterEach, beforeEach, describe } from 'vitest';
import type { LogFixture, OpenLog } from './log-fixture.ts';
import { describeLogReading } from './log-reading.ts';
import { describeLogReopening } from './log-reopening.ts';
import { describeLogTrimming } from './log-trimming.ts';
import type { StoreCapabilities } from './store-fixture.ts';

/** A log is closed once: by its test, or by what comes after. */
function closedOnce(log: EventLog): EventLog {
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
 * Tests that an engine delivers what `createEventStore` builds on.
 *
 * @param createFixture - Called before each test, for a log that is empty.
 */
export function describeEventLog(
  name: string,
  createFixture: () => LogFixture | Promise<LogFixture>,
  { lasts }: StoreCapabilities,
): void {
  describe(name, () => {
    let fixture: LogFixture;
    let opened: EventLog[] = [];

    beforeEach(async () => {
      fixture = await createFixture();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((log) => log.close()));
      await fixture.cleanup();
    });
    const open: OpenLog = async () => {
      const log = closedOnce(await fixture.open());
      opened.push(log);
      return log;
    };

    describeLogReading(open);
    describeLogTrimming(open);
    if (lasts) describeLogReopening(open);
  });
}
