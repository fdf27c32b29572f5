import { setInterval } from 'node:timers/promises';
import type { Command } from 'commander';
import { lastValueFrom } from 'rxjs';
import { endBySignal, interruption } from '../interruption.ts';
import { toJsonText, toPrettyJson } from '../output/event-format.ts';
import { outputWidth, print } from '../output/print.ts';
import { formatWatchers } from '../output/watcher-table.ts';
import { type OpenStore, withStore } from '../store/open-store.ts';

/** Time between two reads with `--watch`, in milliseconds. */
const PERIOD = 2000;

const CLEAR_SCREEN = '\u001b[H\u001b[2J\u001b[3J';

interface WatchersOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

async function formatNow(store: OpenStore, { watch, json }: WatchersOptions): Promise<string> {
  const watchers = await lastValueFrom(store.watchers());
  if (json) return watch ? toJsonText(watchers) : toPrettyJson(watchers);
  if (watchers.length === 0) return 'no watcher has a checkpoint or a report';
  return formatWatchers(watchers, outputWidth());
}

async function watchers(location: string, options: WatchersOptions): Promise<void> {
  const { watch, json } = options;
  if (watch) endBySignal();
  await withStore(location, 'read', async (store) => {
    await print(await formatNow(store, options));
    if (!watch) return;
    const clear = process.stdout.isTTY && !json ? CLEAR_SCREEN : '';
    for await (const _ of setInterval(PERIOD, undefined, { signal: interruption })) {
      await print(clear + (await formatNow(store, options)));
    }
  });
}

/** Adds the command `watchers`. */
export function addWatchers(program: Command): void {
  program
    .command('watchers')
    .summary('print the watchers of all processes')
    .description(
      'Prints the watchers of all processes: state, owner, checkpoint, lag, dead letters and last error. A stale report is older than three intervals: its process has ended or is blocked.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .option('-w, --watch', 'print again every two seconds until Ctrl-C')
    .option('--json', 'print a document of JSON; with --watch one line each time')
    .action(watchers);
}
