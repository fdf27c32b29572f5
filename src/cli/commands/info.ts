import type { Command } from 'commander';
import { lastValueFrom } from 'rxjs';
import type { Lease, StoreInfo, WatcherReport } from '../../index.ts';
import { formatDuration } from '../arguments/duration.ts';
import { toPrettyJson } from '../output/event-format.ts';
import { outputWidth, print } from '../output/print.ts';
import { formatBytes, formatNumber } from '../output/progress.ts';
import { type Column, formatFields, formatTable } from '../output/table.ts';
import { formatWatchers } from '../output/watcher-table.ts';
import { withStore } from '../store/open-store.ts';
import { withoutCredentials } from '../store/stream-address.ts';

type NamedLease = Pick<Lease, 'owner' | 'token'> & { readonly watcherId: string };

interface Snapshot {
  readonly info: StoreInfo;
  readonly watchers: readonly WatcherReport[];
  readonly leases: readonly NamedLease[];
}

const LEASE_COLUMNS: readonly Column<NamedLease>[] = [
  { title: 'LEASE', value: ({ watcherId }) => watcherId, minWidth: 6 },
  { title: 'OWNER', value: ({ owner }) => owner ?? '(released)', minWidth: 8 },
  { title: 'TOKEN', value: ({ token }) => String(token), isNumber: true },
];

const read = (location: string): Promise<Snapshot> =>
  withStore(location, 'read', async (store) => {
    const [info, watchers, leases] = await Promise.all([
      lastValueFrom(store.info()),
      lastValueFrom(store.watchers()),
      lastValueFrom(store.leases()),
    ]);
    const named = [...leases].map(([watcherId, { owner, token }]) => ({
      watcherId,
      ...(owner !== undefined && { owner }),
      token,
    }));
    // The leases are sorted, because their order in the store depends on the times at which they were created.
    named.sort((a, b) => (a.watcherId < b.watcherId ? -1 : 1));
    return { info, watchers, leases: named };
  });

const timeText = (timestamp: Date): string =>
  `${timestamp.toISOString()} (${formatDuration(Math.max(0, Date.now() - timestamp.getTime()))} ago)`;

function infoFields(location: string, info: StoreInfo): [string, string][] {
  const { engine, oldestSeqNum, latestSeqNum, oldestTimestamp, latestTimestamp, bytes, fileBytes } = info;
  const count = latestSeqNum - oldestSeqNum + 1;
  const range =
    count === 0 ? `; the next one is ${latestSeqNum + 1}` : `: ${oldestSeqNum} to ${latestSeqNum}`;
  return [
    ['store', withoutCredentials(location)],
    ['engine', engine],
    ['events', `${formatNumber(count)}${range}`],
    ...(oldestTimestamp ? [['oldest', timeText(oldestTimestamp)] as [string, string]] : []),
    ...(latestTimestamp ? [['latest', timeText(latestTimestamp)] as [string, string]] : []),
    [
      'size',
      `${formatBytes(bytes)}${fileBytes === undefined ? '' : `; data file ${formatBytes(fileBytes)}`}`,
    ],
    ...(info.deadLetters === undefined
      ? []
      : [['dead letters', formatNumber(info.deadLetters)] as [string, string]]),
  ];
}

async function info(location: string, { json }: { readonly json?: boolean }): Promise<void> {
  const snapshot = await read(location);
  if (json) {
    const { info: figures, ...others } = snapshot;
    await print(toPrettyJson({ ...figures, ...others }));
    return;
  }
  const width = outputWidth();
  const parts = [formatFields(infoFields(location, snapshot.info), width)];
  if (snapshot.watchers.length > 0) parts.push(formatWatchers(snapshot.watchers, width));
  if (snapshot.leases.length > 0) parts.push(formatTable(LEASE_COLUMNS, snapshot.leases, width));
  await print(parts.join('\n\n'));
}

export function addInfo(program: Command): void {
  program
    .command('info')
    .summary('print the contents and the size of a log')
    .description(
      'Prints the contents and the size of a log, its watchers, leases, and the number of dead letters.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .option('--json', 'print a JSON document')
    .action(info);
}
