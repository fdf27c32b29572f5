import * as t from 'io-ts';
import { defer, from, map, mergeMap, type Observable } from 'rxjs';
import {
  type Event,
  type EventStore,
  InvalidRequestError,
  jsonSerializer,
  type RequestOf,
  trimHorizon,
} from '../index.ts';
import { faultsOf } from '../validation/check.ts';

/** Lines that are stored at one go. */
const BATCH = 1000;

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

/** Stores lines, some at a time, and yields the events: the next are read when these are stored. */
async function* loadLines(
  store: EventStore,
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<readonly Event[]> {
  let requests: RequestOf<Event>[] = [];
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    requests.push(parse(text, line));
    if (requests.length < BATCH) continue;
    yield await store.storeEvents(requests);
    requests = [];
  }
  if (requests.length > 0) yield await store.storeEvents(requests);
}

/**
 * Loads newline-delimited JSON into a store, and emits the events as stored: a production log becomes a fixture.
 *
 * A thousand lines are stored at one go, and no more are read meanwhile. What was stored before a line that is refused
 * stays.
 *
 * @param store - Numbers and times are its own; into an empty one, lines that `dumpEvents` wrote of a whole log get the
 *   numbers that they have.
 * @param lines - One event each: `{ operation, objectType, object }`, as JSON. Blank ones are left out.
 * @throws InvalidRequestError that names the line.
 * @example
 * const lines = createInterface({ input: createReadStream('fixture.ndjson') });
 * await lastValueFrom(loadEvents(store, lines));
 */
export const loadEvents = <E extends Event>(
  store: EventStore<E>,
  lines: AsyncIterable<string> | Iterable<string>,
): Observable<E> =>
  defer(() => from(loadLines(store as EventStore, lines))).pipe(mergeMap((events) => events as readonly E[]));

/**
 * Everything that a store holds, as newline-delimited JSON: a line for each event, without its newline.
 *
 * @throws SerializationError at an object that JSON does not hold as it is.
 * @example
 * dumpEvents(store).pipe(map((line) => `${line}\n`)).subscribe((line) => file.write(line));
 */
export const dumpEvents = (store: Pick<EventStore, 'events'>): Observable<string> =>
  store.events(trimHorizon(), { live: false }).pipe(
    map(({ object, ...event }) => {
      const encoded = json.encode(object, event.objectType);
      if (encoded._tag === 'Left') throw encoded.left;
      return JSON.stringify({ ...event, object });
    }),
  );
