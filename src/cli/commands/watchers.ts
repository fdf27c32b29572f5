import { setInterval } from 'node:timers/promises';
import type { Command } from 'commander';
import { lastValueFrom } from 'rxjs';
import { endBySignal, interruption } from '../interruption.ts';
import { toJsonText, toPrettyJson } from '../output/event-format.ts';
import { outputWidth, print, styled } from '../output/print.ts';
import { Screen } from '../output/screen.ts';
import { formatWatchers } from '../output/watcher-table.ts';
import { type OpenStore, withStore } from '../store/open-store.ts';

/** Time between two reads with `--watch`, in milliseconds. */
const PERIOD = 2000;

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

/** Returns a line of at most 40 columns that contains the time of the read. */
const footer = (): string =>
  styled('dim', `${new Date().toISOString().slice(11, 19)}Z, every ${PERIOD / 1000} s; Ctrl-C ends`);

async function watchers(location: string, options: WatchersOptions): Promise<void> {
  const { watch, json } = options;
  if (watch) endBySignal();
  await withStore(location, 'read', async (store) => {
    if (!watch) return print(await formatNow(store, options));
    const screen = process.stdout.isTTY && !json ? new Screen() : undefined;
    const show = (text: string) => (screen === undefined ? print(text) : screen.show(text, footer()));
    await show(await formatNow(store, options));
    for await (const _ of setInterval(PERIOD, undefined, { signal: interruption })) {
      await show(await formatNow(store, options));
    }
  });
}

export function addWatchers(program: Command): void {
  program
    .command('watchers')
    .summary('print the watchers of all processes')
    .description(
      'Prints the watchers of all processes: state, owner, checkpoint, lag, dead letters and last error. A stale report is older than three intervals: its process has ended or is blocked.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .option('-w, --watch', 'print again every two seconds until Ctrl-C')
    .option('--json', 'print a JSON document; with --watch one line each time')
    .action(watchers);
}
