import { inspect } from 'node:util';
import { distinctUntilChanged, map, type Observable } from 'rxjs';
import type { Event, EventStore, Outcome, Watcher, WatcherState } from '../index.ts';
import { jsonSerializer, trimHorizon } from '../index.ts';
import { requireStore } from '../store/require-store.ts';

const json = jsonSerializer();

/** Returns an object as JSON. If JSON cannot represent the object, returns the text of `util.inspect`. */
const formatObject = (object: unknown, objectType: string): string =>
  json.encode(object, objectType)._tag === 'Right'
    ? JSON.stringify(object)
    : inspect(object, { depth: 8, breakLength: Number.POSITIVE_INFINITY });

/**
 * Formats an event on one line: `'3 UPDATE Job {"id":"j1"}'`.
 *
 * @example
 * expectObservable(events$.pipe(map(formatEvent))).toBe('a', { a: '1 CREATE Job {}' });
 */
export const formatEvent = ({ seqNum, operation, objectType, object }: Event): string =>
  `${seqNum} ${operation} ${objectType} ${formatObject(object, objectType)}`;

/**
 * Formats an outcome as status and sequence number: `'handled 3'`, `'skipped 4'`.
 *
 * @example
 * expectObservable(watch(store, 'w', { handler }).pipe(map(formatOutcome))).toBe('--a', { a: 'handled 1' });
 */
export const formatOutcome = ({ status, seqNum }: Outcome): string => `${status} ${seqNum}`;

/**
 * Emits the current state of a watcher, then each new state. Equal successive states are emitted once.
 *
 * @example
 * expectObservable(statesOf(watcher)).toBe('a-b', { a: 'idle', b: 'running' });
 */
export const statesOf = (watcher: Pick<Watcher, 'stats$'>): Observable<WatcherState> =>
  watcher.stats$.pipe(
    map(({ state }) => state),
    distinctUntilChanged(),
  );

/**
 * Emits each event that the store holds at subscription, formatted by {@link formatEvent}, and completes.
 *
 * @throws InvalidOptionsError if `store` is not a store.
 * @example
 * expectObservable(contentsOf(store), '---^').toBe('---(ab|)', { a: '1 CREATE Job {}', b: '2 DELETE Job {}' });
 */
export const contentsOf = (store: Pick<EventStore, 'events'>): Observable<string> => {
  requireStore('store', store, 'events');
  return store.events(trimHorizon(), { live: false }).pipe(map(formatEvent));
};
