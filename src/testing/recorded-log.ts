import * as t from 'io-ts';
import { map, Observable, type Subscriber } from 'rxjs';
import {
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
import { described } from '../validation/types.ts';

/** Lines that are stored at one go, and characters: lines that are long are fewer. */
const BATCH = { lines: 1000, characters: 1_000_000 };

const json = jsonSerializer();

/** What a line says. A number and a time may stand there, as `dumpEvents` writes them; a store gives its own. */
const Line = t.type(
  {
    operation: t.keyof({ CREATE: null, UPDATE: null, DELETE: null }, "'CREATE', 'UPDATE' or 'DELETE'"),
    objectType: t.string,
    object: t.unknown,
  },
  'an event { operation, objectType, object }',
);

const LinesCodec = described(
  'lines, an iterable or an async iterable of strings',
  (value): value is AsyncIterable<string> | Iterable<string> =>
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value),
);

/** Refuses a line by its number. */
const refuse = (line: number, message: string, path = ''): never => {
  throw new InvalidRequestError([{ path: path === '' ? `line ${line}` : `line ${line}: ${path}`, message }]);
};

function parse(text: string, line: number): RequestOf<Event> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(line, `is no JSON: ${(error as Error).message}`);
  }
  const decoded = Line.decode(value);
  if (decoded._tag === 'Right') return decoded.right;
  const [fault] = faultsOf(decoded.left);
  return refuse(line, fault?.message ?? '', fault?.path);
}

/** A request, and the number of its line. */
interface ReadLine {
  readonly request: RequestOf<Event>;
  readonly line: number;
}

/** Tells of what a store has refused by the line, not by the index in what was stored at one go. */
function byLine(error: unknown, batch: readonly ReadLine[]): unknown {
  const renamed = ({ path, message }: Fault): Fault => {
    const [index, ...rest] = path.split('.');
    const line = `line ${batch[Number(index)]?.line}`;
    return { path: rest.length === 0 ? line : `${line}: ${rest.join('.')}`, message };
  };
  if (error instanceof InvalidRequestError) return new InvalidRequestError(error.faults.map(renamed));
  if (!(error instanceof SerializationError)) return error;
  const index = Number.parseInt(error.faults[0]?.path ?? '', 10);
  const objectType = batch[index]?.request.objectType ?? '';
  return new SerializationError(objectType, error.faults.map(renamed), { cause: error });
}

async function storeLines(
  store: EventStore,
  batch: readonly ReadLine[],
  subscriber: Subscriber<Event>,
): Promise<void> {
  if (batch.length === 0) return;
  try {
    const events = await store.storeEvents(batch.map(({ request }) => request));
    for (const event of events) subscriber.next(event);
  } catch (error) {
    throw byLine(error, batch);
  }
}

/** Stores lines, some at a time, for as long as somebody is there: the next are read when these are stored. */
async function loadLines(
  store: EventStore,
  next: () => Promise<IteratorResult<string>> | IteratorResult<string>,
  subscriber: Subscriber<Event>,
): Promise<void> {
  let batch: ReadLine[] = [];
  let characters = 0;
  for (let line = 1; ; line++) {
    const { done, value } = await next();
    if (subscriber.closed) return;
    if (done === true) break;
    const text = value.trim(); // of a byte order mark, too
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
 * Loads newline-delimited JSON into a store, and emits the events as stored: a production log becomes a fixture.
 *
 * At most a thousand lines are stored at one go, and no more are read meanwhile. What was stored before a line that is
 * refused stays. Who unsubscribes ends the reading: no more is stored, and the iterator is closed.
 *
 * @param store - Numbers and times are its own; into an empty one, lines that `dumpEvents` wrote of a whole log get the
 *   numbers that they have.
 * @param lines - One event each: `{ operation, objectType, object }`, as JSON. Blank ones are left out.
 * @throws InvalidOptionsError if an argument is not valid: a whole text is no iterable of lines.
 * @throws InvalidRequestError, SerializationError that name the line.
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
    subscriber.add(() => close().catch(() => {})); // nobody is there to be told

    loadLines(store as EventStore, next, subscriber).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  }) as Observable<E>;

/**
 * Everything that a store holds, as newline-delimited JSON: a line for each event, without its newline.
 *
 * @throws InvalidOptionsError if the store is not one.
 * @throws SerializationError that names the line, at an object that JSON does not hold as it is.
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
      // JSON has these two as they are, but there are readers for which a line ends there.
      return JSON.stringify({ ...event, object })
        .replaceAll('\u2028', '\\u2028')
        .replaceAll('\u2029', '\\u2029');
    }),
  );
};
