import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { createEventStore } from '../../../src/store/create-event-store.ts';
import type { Logger } from '../../../src/store/reporting/logger.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';

/** Report as the engine stores it, with the properties that tests read. */
interface StoredReport {
  readonly reportedAt: number;
  readonly watchers: readonly { readonly id: string; readonly state: string }[];
}

/** Creates a memory store with a record of the writes to its report table. */
export function reportCountingStore() {
  const clock = new VirtualClock();
  const log = createMemoryEventLog();
  const table = log.reports as NonNullable<typeof log.reports>;
  const warnings: string[] = [];
  const ignore = () => undefined;
  const logger: Logger = { debug: ignore, info: ignore, warn: (line) => warnings.push(line), error: ignore };
  const writes: StoredReport[] = [];
  const deleted: string[] = [];
  /** Result of the next writes. If the result is undefined, the report is stored. */
  const next: { result: (() => Promise<void>) | undefined } = { result: undefined };
  const reports: typeof table = {
    ...table,
    store(managerId, report) {
      writes.push(JSON.parse(Buffer.from(report).toString()));
      return next.result === undefined ? table.store(managerId, report) : next.result();
    },
    delete(managerId) {
      deleted.push(managerId);
      return table.delete(managerId);
    },
  };
  const store = createEventStore({ ...log, reports }, { scheduler: clock, gcAgeThreshold: 0, logger });
  return { clock, store, table, writes, deleted, next, warnings };
}
