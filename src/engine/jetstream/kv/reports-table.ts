import { defer } from 'rxjs';
import type { ReportTable } from '../../contract/report-table.ts';
import { createKeyedMutex } from '../util/keyed-mutex.ts';
import type { KvTable } from './kv-table.ts';

/** First token of the keys of reports. */
const PREFIX = 'report';

const keyOf = (managerId: string): string => `${PREFIX}.${managerId}`;

export interface JetStreamReportsTable extends ReportTable {
  /** Resolves when no write is pending. */
  settled(): Promise<void>;
}

export function createReportsTable(table: KvTable): JetStreamReportsTable {
  const mutex = createKeyedMutex();
  return {
    store: (managerId, report) => mutex.run(managerId, () => table.set(keyOf(managerId), report)),
    read: () =>
      defer(async () => {
        const rows = await table.all(PREFIX);
        return new Map(rows.map(({ key, value }) => [key.slice(PREFIX.length + 1), value]));
      }),
    delete: (managerId) => mutex.run(managerId, () => table.delete(keyOf(managerId))),
    settled: mutex.settled,
  };
}
