import type { Command } from 'commander';
import { lastValueFrom } from 'rxjs';
import { eventsIterable, trimHorizon } from '../../index.ts';
import { toDocument, toJsonText } from '../output/event-format.ts';
import { type LineSink, withNewFile, withOutput } from '../output/line-sink.ts';
import { printNote } from '../output/print.ts';
import { createProgress, formatNumber, formatShare } from '../output/progress.ts';
import { type OpenStore, type StoredEvent, withStore } from '../store/open-store.ts';

/**
 * Returns an event as one line of JSON. Throws if the object is neither JSON nor MessagePack, because an import could not
 * restore such an object.
 */
function toLine(event: StoredEvent): string {
  const document = toDocument(event);
  if (document.payload === undefined) return toJsonText(document);
  throw new Error(
    `cannot export event ${event.seqNum}: its object is neither JSON nor MessagePack; use backup or copy instead`,
  );
}

/** Exports all events up to the present end of the log. Returns the number of exported events. */
async function exportEvents(store: OpenStore, sink: LineSink, showsProgress: boolean): Promise<number> {
  const progress = createProgress();
  const end = await lastValueFrom(store.getLatestSeqNum());
  let first: number | undefined;
  let count = 0;
  try {
    for await (const event of eventsIterable(store, trimHorizon(), { live: false })) {
      await sink.writeLine(toLine(event));
      first ??= event.seqNum;
      const total = end - first + 1;
      count++;
      const exported = count;
      if (showsProgress) {
        progress.update(
          () =>
            `export ${formatShare(exported, total)}  ${formatNumber(exported)} of ${formatNumber(total)} events`,
        );
      }
    }
    return count;
  } finally {
    progress.end();
  }
}

async function exportLog(location: string, file: string | undefined): Promise<void> {
  await withStore(location, 'read', async (store) => {
    let count = 0;
    // Progress would mix with the events if both were shown on one terminal.
    const showsProgress = file !== undefined || !process.stdout.isTTY;
    const work = async (sink: LineSink) => {
      count = await exportEvents(store, sink, showsProgress);
    };
    await (file === undefined ? withOutput(work) : withNewFile(file, work));
    if (showsProgress) printNote(`exported ${formatNumber(count)} events`);
  });
}

export function addExport(program: Command): void {
  program
    .command('export')
    .summary('write all events as lines of JSON')
    .description(
      'Writes all events as newline-delimited JSON, which import reads. Checkpoints, dead letters and leases are not exported. Bytes and dates of MessagePack become text; copy and backup keep them.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .argument('[file]', 'new file; the default is the output')
    .action(exportLog);
}
