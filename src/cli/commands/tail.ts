import { type Command, Option } from 'commander';
import { type EventIterator, eventsIterable } from '../../index.ts';
import { addFilterOptions, type FilterOptions, filterOf } from '../arguments/event-filter.ts';
import { parseWhole } from '../arguments/number.ts';
import { parsePosition, parseTime } from '../arguments/position.ts';
import { endBySignal } from '../interruption.ts';
import { toCloud, toDocument, toJsonText, toTableLine } from '../output/event-format.ts';
import { outputWidth, print } from '../output/print.ts';
import { findLast } from '../store/find-last.ts';
import { type StoredEvent, withStore } from '../store/open-store.ts';
import { withoutCredentials } from '../store/stream-address.ts';
import { UsageError } from '../usage-error.ts';

/** Number of events that are printed without `--from`, `--since` and `--limit`. */
const LAST = 10;

interface TailOptions extends FilterOptions {
  readonly follow?: boolean;
  readonly from?: EventIterator;
  readonly since?: EventIterator;
  readonly limit?: number;
  readonly format?: 'json' | 'table' | 'cloudevents';
  readonly source?: string;
}

type Formatter = (event: StoredEvent) => string;

function formatterOf({ format, source }: TailOptions, location: string): Formatter {
  const chosen = format ?? (process.stdout.isTTY ? 'table' : 'json');
  if (source !== undefined && chosen !== 'cloudevents') {
    throw new UsageError('--source needs --format cloudevents');
  }
  if (chosen === 'table') return (event) => toTableLine(event, outputWidth());
  if (chosen === 'json') return (event) => toJsonText(toDocument(event));
  const sourceOrLocation = source ?? encodeURI(withoutCredentials(location));
  return (event) => toJsonText(toCloud(event, sourceOrLocation));
}

async function tail(location: string, options: TailOptions): Promise<void> {
  const { follow = false, from, since, limit } = options;
  if (from !== undefined && since !== undefined)
    throw new UsageError('--from and --since exclude each other');
  const format = formatterOf(options, location);
  const filter = filterOf(options);
  const given = from ?? since;
  if (follow) endBySignal();
  await withStore(location, 'read', async (store) => {
    const start = given ?? (await findLast(store, filter, limit ?? LAST));
    // With `--from` or `--since`, the limit ends the loop. Otherwise, the limit has already selected the first event, and
    // `--follow` prints all later events.
    let left = given !== undefined && limit !== undefined ? limit : Number.POSITIVE_INFINITY;
    if (left === 0) return;
    for await (const event of eventsIterable(store, start, { filter, live: follow })) {
      await print(format(event));
      if (--left === 0) return;
    }
  });
}

export function addTail(program: Command): void {
  const command = program
    .command('tail')
    .summary('print events')
    .description(
      'Prints the last events of a log, or the events from a position on. In a pipe, each event is one line of JSON.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .option('-f, --follow', 'continue with new events until Ctrl-C')
    .option(
      '--from <position>',
      'first event: trim_horizon, latest, a sequence number, 2h or a date',
      parsePosition,
    )
    .option('--since <time>', 'first event: 2h for two hours ago, or a date', parseTime)
    .option(
      '--limit <count>',
      'maximum number of events; without a start, of the last events (10)',
      parseWhole(0),
    );
  addFilterOptions(command)
    .addOption(
      new Option('--format <format>', 'default: table on a terminal, json in a pipe').choices([
        'json',
        'table',
        'cloudevents',
      ]),
    )
    .option('--source <uri>', 'source of the CloudEvents; by default the store')
    .action(tail);
}
