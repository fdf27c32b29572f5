import type { Command } from 'commander';
import { lastValueFrom } from 'rxjs';
import { atSequenceNumber } from '../../index.ts';
import { parseWhole } from '../arguments/number.ts';
import { formatEvent } from '../output/event-details.ts';
import { toDocument, toPrettyJson } from '../output/event-format.ts';
import { print } from '../output/print.ts';
import { type OpenStore, type StoredEvent, withStore } from '../store/open-store.ts';

async function eventAt(store: OpenStore, seqNum: number): Promise<StoredEvent> {
  const request = { iterator: atSequenceNumber(seqNum), limit: 1, batchSize: 1, longPollingTimeout: 0 };
  const { events } = await lastValueFrom(store.getEvents(request));
  const [event] = events;
  if (event !== undefined) return event;
  const end = await lastValueFrom(store.getLatestSeqNum());
  throw new Error(`event ${seqNum} does not exist; the log ends at ${end}`);
}

async function get(location: string, seqNum: number, { json }: { readonly json?: boolean }): Promise<void> {
  const event = await withStore(location, 'read', async (store) => toDocument(await eventAt(store, seqNum)));
  await print(json ? toPrettyJson(event) : formatEvent(event));
}

export function addGet(program: Command): void {
  program
    .command('get')
    .summary('print one event in full')
    .description('Prints one event in full.')
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .argument('<seqNum>', 'sequence number of the event', parseWhole(1))
    .option('--json', 'print a JSON document')
    .action(get);
}
