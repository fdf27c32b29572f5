import * as t from 'io-ts';
import { map, Observable, type Subscriber } from 'rxjs';
import { OPERATIONS } from '../event/event.ts';
import { contextFields } from '../event/event-context.ts';
import {
  DuplicateIdError,
  type Event,
  type EventStore,
  type Fault,
  InvalidOptionsError,
  InvalidRequestError,
  jsonSerializer,
  type RequestOf,
  SerializationError,
  trimHorizon,
} from '../index.ts';
import { requireStore } from '../store/require-store.ts';
import { checkAll, faultsOf } from '../validation/check.ts';
import { fields } from '../validation/options.ts';
import { described, oneOf } from '../validation/types.ts';

/** Maximum number of lines and of characters in one batch append. */
const BATCH = { lines: 1000, characters: 1_000_000 };

const json = jsonSerializer();

/** Codec of a line. The number and the timestamp in lines of `dumpEvents` are ignored, like all unknown fields. */
const Line = fields('an event { operation, objectType, object }', {
  operation: oneOf("'CREATE', 'UPDATE' or 'DELETE'", OPERATIONS),
  objectType: t.string,
  object: t.unknown,
  ...contextFields,
});

const LinesCodec = described(
  'lines, an iterable or an async iterable of strings',
  (value): value is AsyncIterable<string> | Iterable<string> =>
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value),
);

/** Throws an `InvalidRequestError` that names the line. */
const rejectLine = (line: number, message: string, path = ''): never => {
  throw new InvalidRequestError([{ path: path === '' ? `line ${line}` : `line ${line}: ${path}`, message }]);
};

function parse(text: string, line: number): RequestOf<Event> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return rejectLine(line, `must be JSON: ${(error as Error).message}`);
  }
  const decoded = Line.decode(value);
  if (decoded._tag === 'Right') return decoded.right as RequestOf<Event>;
  const [fault] = faultsOf(decoded.left);
  return rejectLine(line, fault?.message ?? '', fault?.path);
}

/** Request and the number of its line, from 1. Blank lines count. */
interface ParsedLine {
  readonly request: RequestOf<Event>;
  readonly line: number;
}

/**
 * Returns the number of the line that caused the error. If an earlier append has stored the id of the error, this is the first
 * line with the id. Otherwise, it is the first line that differs from the first line with the id.
 */
function lineOfDuplicate({ id, seqNum }: DuplicateIdError, batch: readonly ParsedLine[]): number | undefined {
  const [first, ...others] = batch.filter(({ request }) => request.id === id);
  if (first === undefined || seqNum !== undefined) return first?.line;
  const differs = ({ request }: ParsedLine): boolean =>
    (['operation', 'objectType', 'key'] as const).some((name) => request[name] !== first.request[name]);
  return others.find(differs)?.line;
}

/** Returns the error with paths that contain the number of a line instead of the index of a request in the batch. */
function withLineNumbers(error: unknown, batch: readonly ParsedLine[]): unknown {
  const renamed = ({ path, message }: Fault): Fault => {
    const [index, ...rest] = path.split('.');
    const line = `line ${batch[Number(index)]?.line}`;
    return { path: rest.length === 0 ? line : `${line}: ${rest.join('.')}`, message };
  };
  if (error instanceof DuplicateIdError) {
    return new DuplicateIdError(error.id, error.seqNum, error.differences, lineOfDuplicate(error, batch));
  }
  if (error instanceof InvalidRequestError) return new InvalidRequestError(error.faults.map(renamed));
  if (!(error instanceof SerializationError)) return error;
  const index = Number.parseInt(error.faults[0]?.path ?? '', 10);
  const objectType = batch[index]?.request.objectType ?? '';
  return new SerializationError(objectType, error.faults.map(renamed), { cause: error });
}

async function storeLines(
  store: EventStore,
  batch: readonly ParsedLine[],
  subscriber: Subscriber<Event>,
): Promise<void> {
  if (batch.length === 0) return;
  try {
    const events = await store.storeEvents(batch.map(({ request }) => request));
    for (const event of events) subscriber.next(event);
  } catch (error) {
    throw withLineNumbers(error, batch);
  }
}

/**
 * Reads and stores lines in batches until the lines end or the subscriber unsubscribes. The next batch is read after the
 * append of the previous one.
 */
async function loadLines(
  store: EventStore,
  next: () => Promise<IteratorResult<string>> | IteratorResult<string>,
  subscriber: Subscriber<Event>,
): Promise<void> {
  let batch: ParsedLine[] = [];
  let characters = 0;
  for (let line = 1; ; line++) {
    const { done, value } = await next();
    if (subscriber.closed) return;
    if (done === true) break;
    const text = value.trim(); // `trim` also removes a byte order mark.
    if (text === '') continue;
    batch.push({ request: parse(text, line), line });
    characters += text.length;
    if (batch.length < BATCH.lines && characters < BATCH.characters) continue;
    await storeLines(store, batch, subscriber);
    if (subscriber.closed) return;
    batch = [];
    characters = 0;
  }
  await storeLines(store, batch, subscriber);
}

/**
 * Loads newline-delimited JSON into a store and emits the stored events, for example to use a production log as a fixture.
 *
 * Lines are stored in batches of at most 1000 lines, and no further lines are read during an append. Batches before an
 * invalid line stay stored. After an unsubscription, nothing more is stored and the iterator is closed.
 *
 * The store assigns numbers and timestamps. If the lines are the dump of an untrimmed log by `dumpEvents`, and the store is
 * empty, the events get the numbers of that log again. A line with the `id` of an event of the store is not stored again.
 *
 * @param store - Store to which the events are appended. It can hold events already.
 * @param lines - Lines of JSON, each `{ operation, objectType, object }`, optionally with `key`, `id` and `metadata`. Blank
 *   lines are ignored.
 * @throws InvalidOptionsError if an argument is not valid; a string is not a valid iterable of lines.
 * @throws InvalidRequestError if a line is not valid; the error names the line.
 * @throws DuplicateIdError if a line has the id of a different event; the error names the line.
 * @throws SerializationError if an object cannot be serialized; the error names the line.
 * @see {@link dumpEvents}
 * @example
 * const lines = createInterface({ input: createReadStream('fixture.ndjson') });
 * await lastValueFrom(loadEvents(store, lines));
 */
export const loadEvents = <E extends Event>(
  store: EventStore<E>,
  lines: AsyncIterable<string> | Iterable<string>,
): Observable<E> =>
  new Observable<Event>((subscriber) => {
    requireStore('store', store, 'storeEvents');
    checkAll(
      { lines: [LinesCodec, lines] },
      (faults) => new InvalidOptionsError('arguments of loadEvents', faults),
    );
    const iterator = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]();
    let isRead = false;
    const next = async () => {
      const result = await iterator.next();
      isRead = result.done === true;
      return result;
    };
    const close = async () => isRead || (await iterator.return?.());
    subscriber.add(() => close().catch(() => {})); // After an unsubscription, no subscriber can receive the error.

    loadLines(store as EventStore, next, subscriber).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  }) as Observable<E>;

/**
 * Emits all events of a store as newline-delimited JSON: one line for each event, without the newline.
 *
 * @throws InvalidOptionsError if `store` is not a store.
 * @throws SerializationError if JSON cannot represent an object; the error names the line.
 * @see {@link loadEvents}
 * @example
 * dumpEvents(store).pipe(map((line) => `${line}\n`)).subscribe((line) => file.write(line));
 */
export const dumpEvents = (store: Pick<EventStore, 'events'>): Observable<string> => {
  requireStore('store', store, 'events');
  return store.events(trimHorizon(), { live: false }).pipe(
    map(({ object, ...event }, index) => {
      const encoded = json.encode(object, event.objectType);
      if (encoded._tag === 'Left') {
        const { faults } = encoded.left;
        const named = faults.map(({ path, message }) => ({ path: `line ${index + 1}: ${path}`, message }));
        throw new SerializationError(event.objectType, named, { cause: encoded.left });
      }
      // JSON allows these two characters in strings, but some readers treat them as ends of lines.
      return JSON.stringify({ ...event, object })
        .replaceAll('\u2028', '\\u2028')
        .replaceAll('\u2029', '\\u2029');
    }),
  );
};
