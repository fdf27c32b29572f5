import type { Command } from 'commander';
import { lastValueFrom } from 'rxjs';
import { atSequenceNumber } from '../../index.ts';
import { parseWhole } from '../arguments/number.ts';
import { type EventDocument, toDocument, toPrettyJson } from '../output/event-format.ts';
import { outputWidth, print } from '../output/print.ts';
import { formatFields } from '../output/table.ts';
import { type OpenStore, type StoredEvent, withStore } from '../store/open-store.ts';

async function eventAt(store: OpenStore, seqNum: number): Promise<StoredEvent> {
  const request = { iterator: atSequenceNumber(seqNum), limit: 1, batchSize: 1, longPollingTimeout: 0 };
  const { events } = await lastValueFrom(store.getEvents(request));
  const [event] = events;
  if (event !== undefined) return event;
  const end = await lastValueFrom(store.getLatestSeqNum());
  throw new Error(`event ${seqNum} does not exist; the log ends at ${end}`);
}

/** Returns an event as lines: its fields, and its object as JSON. */
function formatEvent({ metadata = {}, object, payload, ...fields }: EventDocument, width: number): string {
  const rows = [
    ...Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
    ...Object.entries(metadata).map(([name, value]): [string, string] => [`metadata.${name}`, value]),
  ];
  const text =
    payload === undefined ? toPrettyJson(object) : `${payload} (base64: neither JSON nor MessagePack)`;
  return `${formatFields(rows, width)}\n\n${text}`;
}

async function get(location: string, seqNum: number, { json }: { readonly json?: boolean }): Promise<void> {
  const event = await withStore(location, 'read', async (store) => toDocument(await eventAt(store, seqNum)));
  await print(json ? toPrettyJson(event) : formatEvent(event, outputWidth()));
}

/** Adds the command `get`. */
export function addGet(program: Command): void {
  program
    .command('get')
    .summary('print one event in full')
    .description('Prints one event in full.')
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .argument('<seqNum>', 'sequence number of the event', parseWhole(1))
    .option('--json', 'print a document of JSON')
    .action(get);
}
