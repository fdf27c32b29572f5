import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import type { Command } from 'commander';
import { lastValueFrom } from 'rxjs';
import { atSequenceNumber, SequenceTrimmedError } from '../../index.ts';
import { interruption } from '../interruption.ts';
import { toDocument, toJsonText } from '../output/event-format.ts';
import { printNote } from '../output/print.ts';
import { createProgress, formatNumber, formatShare } from '../output/progress.ts';
import { parseEventLine } from '../store/event-line.ts';
import { type OpenStore, type StoredEvent, withStore } from '../store/open-store.ts';

/** Maximum number of events per append. */
const BATCH = 1000;

/** Event with the number of its line. */
interface ImportedLine {
  readonly line: number;
  readonly event: StoredEvent;
}

/** Input, and the share of the input that was read. */
interface Input {
  readonly stream: Readable;
  /** Returns the share of the input that was read, as text; an empty text if its size is unknown. */
  readonly share: () => string;
}

async function openInput(path: string | undefined): Promise<Input> {
  if (path === undefined) return { stream: process.stdin, share: () => '' };
  const fail = (reason: string, cause?: Error): never => {
    throw new Error(`cannot read '${path}': ${reason}`, { cause });
  };
  const stats = await stat(path).catch((cause: Error) => fail(cause.message, cause));
  if (stats.isDirectory()) fail('it is a directory');
  const { size } = stats;
  const stream = createReadStream(path);
  return { stream, share: () => `${formatShare(stream.bytesRead, size)}  ` };
}

/** Reads lines, without the line breaks. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const text of addAbortSignal(interruption, stream).setEncoding('utf8')) {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() as string;
    yield* lines;
  }
  yield rest;
}

/** Reads lines and yields their events in batches. */
async function* batchesOf(stream: Readable): AsyncGenerator<readonly ImportedLine[]> {
  let batch: ImportedLine[] = [];
  let line = 0;
  for await (const text of linesOf(stream)) {
    line++;
    if (text.trim() === '') continue;
    try {
      batch.push({ line, event: parseEventLine(text) });
    } catch (cause) {
      throw new Error(`line ${line}: ${(cause as Error).message}`, { cause });
    }
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/**
 * Checks that the event of a line equals the event with the same number in the store. Accepts any event with the number of a
 * deleted event.
 *
 * @throws {@link Error} if the events differ.
 */
async function assertSame(store: OpenStore, { line, event }: ImportedLine): Promise<void> {
  const request = { iterator: atSequenceNumber(event.seqNum), limit: 1, longPollingTimeout: 0 };
  const { events } = await lastValueFrom(store.getEvents(request)).catch((error) => {
    if (error instanceof SequenceTrimmedError) return { events: [] };
    throw error;
  });
  const [stored] = events;
  if (stored === undefined || toJsonText(toDocument(stored)) === toJsonText(toDocument(event))) return;
  throw new Error(
    `line ${line}: the store has a different event with the number ${event.seqNum}; import into an empty store`,
  );
}

/** Appends imported events to a store, and skips the events that the store already has. */
class Importer {
  readonly #store: OpenStore;
  /** Number of the last event of the store. */
  #end: number;
  imported = 0;
  skipped = 0;

  constructor(store: OpenStore, end: number) {
    this.#store = store;
    this.#end = end;
  }

  async importBatch(batch: readonly ImportedLine[]): Promise<void> {
    const known = batch.filter(({ event }) => event.seqNum <= this.#end);
    const last = known.at(-1);
    if (last !== undefined) await assertSame(this.#store, last);
    this.skipped += known.length;
    await this.#append(batch.slice(known.length));
  }

  async #append(lines: readonly ImportedLine[]): Promise<void> {
    const [first] = lines;
    if (first === undefined) return;
    const { line, event } = first;
    if (this.#end > 0 && event.seqNum !== this.#end + 1) {
      throw new Error(
        `line ${line}: the event after ${this.#end} must be ${this.#end + 1}; received ${event.seqNum}`,
      );
    }
    const isImported = await this.#store
      .importEvents?.(
        event.seqNum - 1,
        lines.map((each) => each.event),
      )
      .catch((cause: Error) => {
        throw new Error(`lines ${line} to ${lines.at(-1)?.line}: ${cause.message}`, { cause });
      });
    if (!isImported)
      throw new Error('another process has appended to the store; import into a store without writers');
    this.#end = (lines.at(-1) as ImportedLine).event.seqNum;
    this.imported += lines.length;
  }
}

async function importLog(location: string, file: string | undefined): Promise<void> {
  const input = await openInput(file);
  const batches = batchesOf(input.stream);
  // Parse the first lines before a log is created, so that an invalid file creates no log.
  let next = await batches.next();
  const progress = createProgress();
  await withStore(location, 'fill', async (store) => {
    const importer = new Importer(store, await lastValueFrom(store.getLatestSeqNum()));
    try {
      for (; !next.done; next = await batches.next()) {
        interruption.throwIfAborted();
        await importer.importBatch(next.value);
        progress.update(
          () => `import ${input.share()}${formatNumber(importer.imported + importer.skipped)} events`,
        );
      }
    } finally {
      progress.end();
    }
    const { imported, skipped } = importer;
    const known = skipped > 0 ? `; ${formatNumber(skipped)} were already there` : '';
    printNote(`imported ${formatNumber(imported)} events${known}`);
  });
}

export function addImport(program: Command): void {
  program
    .command('import')
    .summary('import lines of JSON (writes)')
    .description(
      'Imports newline-delimited JSON of export, with sequence numbers and timestamps. The log is created if it does not exist. After an interruption, the same command continues.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .argument('[file]', 'file to read; the default is the input')
    .action(importLog);
}
