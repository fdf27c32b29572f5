import * as library from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { EMPTY, firstValueFrom, from, isObservable, map, of, timeout } from 'rxjs';
import { expect, test } from 'vitest';
import { storedEvent } from '../support/events.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { thenable } from '../support/thenable.ts';

/** Number of calls. The default takes a few seconds; `RX_WATCHER_FUZZ=200000 npm test` runs more. */
const CALLS = Number(process.env.RX_WATCHER_FUZZ ?? 20_000);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const SEED = 20_261_128;

/** Creates a Mulberry32 generator, which returns the same numbers in each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = createRandom(SEED);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { in: value };
  return value;
}
function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
const hostileProxy = () =>
  new Proxy(
    {},
    {
      get() {
        throw new Error('trap');
      },
      ownKeys() {
        throw new Error('trap');
      },
    },
  );
/** Creates an object with a property that returns the next value on each read. */
const changing = (name: string, values: readonly unknown[]) => {
  let reads = 0;
  return Object.defineProperty({}, name, { enumerable: true, get: () => values[reads++ % values.length] });
};
const DEEP = deep(100_000);

const NAMES = [
  'operation',
  'objectType',
  'object',
  'key',
  'id',
  'metadata',
  'keys',
  'partition',
  'index',
  'count',
  'source',
  'data',
  'handler',
  'filter',
  'objectTypes',
  'operations',
  'batchSize',
  'limit',
  'iterator',
  'type',
  'sequenceNumber',
  'timestamp',
  'watcherId',
  'seqNum',
  'errors',
  'maxRetries',
  'retryStrategy',
  'concurrency',
  'cacheSize',
  'retention',
  'lease',
  'token',
  'timeout',
  'toJSON',
  '__proto__',
  'then',
];
const ATOMS: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => 0,
  () => -1,
  () => 1,
  () => 2,
  () => 0.5,
  () => 2 ** 53,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => 10n ** 40n,
  () => true,
  () => '',
  () => ' ',
  () => 'w',
  () => 'CREATE',
  () => 'Job',
  () => 'skip',
  () => 'trim_horizon',
  () => 'at_sequence_number',
  () => '\ud800',
  () => '__proto__',
  () => 'x'.repeat(3000),
  () => Symbol('s'),
  () => () => undefined,
  () => [],
  () => new Array(2 ** 32 - 1),
  () => new Date(Number.NaN),
  () => new Date(1e9),
  () => new Map([[1, 2]]),
  () => Uint8Array.of(1),
  () => new Error('e'),
  () => Promise.resolve(5),
  () => thenable((done: (value: number) => void) => done(5)),
  () => Object.create(null),
  () => DEEP,
  revoked,
  hostileProxy,
  () => changing(pick(NAMES), ['CREATE', undefined, 5]),
  () => ({ operation: 'CREATE', objectType: 'Job', object: { n: 1 } }),
  () => ({ operation: 'CREATE', objectType: 'Job', object: 1, key: 'k', id: 'i', metadata: { a: 'b' } }),
  () => ({ index: 0, count: 2 }),
  () => library.trimHorizon(),
  () => library.trimHorizon,
  () => JSON.parse('{"__proto__":{"a":1}}'),
];
function hostile(depth = 0): unknown {
  if (depth > 2 || random() < 0.55) return pick(ATOMS)();
  if (random() < 0.3) return [hostile(depth + 1), hostile(depth + 1)];
  const object: Record<string, unknown> = {};
  for (let count = 0; count < 3; count++) {
    Object.defineProperty(object, pick(NAMES), {
      value: hostile(depth + 1),
      enumerable: true,
      configurable: true,
    });
  }
  return object;
}

const any = hostile as () => never;
const stored = of(storedEvent(1));

type Call = (store: library.EventStore, manager: library.Manager, watcher: library.Watcher) => unknown;

const calls: readonly Call[] = [
  (store) => store.storeEvent(any()),
  (store) => store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: hostile() }),
  (store) =>
    store.storeEvent({
      operation: 'CREATE',
      objectType: 'Job',
      object: 1,
      key: any(),
      id: any(),
      metadata: any(),
    }),
  (store) => store.storeEvents(any()),
  (store) => store.storeEvents([any(), any()]),
  (store) => store.events(any(), any()),
  (store) => store.events(library.trimHorizon(), { live: false, filter: any() }),
  (store) => store.events(library.trimHorizon(), { live: false, filter: { keys: any(), partition: any() } }),
  (store) => store.headers(any(), any()),
  (store) => store.getEvents(any()),
  (store) => store.storeCheckpoint(any(), any(), any()),
  (store) => store.getCheckpoint(any()),
  (store) => store.deleteCheckpoint(any()),
  (store) => store.storeDeadLetter(any(), any(), any()),
  (store) => store.deadLetters(any()),
  (store) => store.deleteDeadLetter(any(), any()),
  (store) => store.internals.leases?.store(any(), any(), any()),
  (store) => store.internals.leases?.get(any()),
  (store) => store.importEvents?.(any(), any()),
  (store) => library.watch(store, any(), any()),
  () => library.watch(any(), 'w', any()),
  (store) => library.copyLog(any(), store, any()),
  (store) => library.createManager(store, any()),
  () => library.createManager(any(), any()),
  (_store, manager) => manager.create(any(), any()),
  (_store, manager) => manager.lookup(any()),
  (_, manager) => manager.remove(any()),
  (_store, manager) => manager.redrive(any(), any()),
  (_store, manager) => manager.stop(any()),
  () => createMemoryStore(any()),
  () => library.createEventStore(any(), any()),
  () => library.filterEvents(any()),
  () => library.batch(any(), any()),
  () => library.retryWithBackoff(any()),
  () => stored.pipe(library.handleWith(any(), any())),
  () => EMPTY.pipe(library.appendTo(any())),
  () => stored.pipe(library.checkpointTo(any(), any())),
  () => from<never[]>([any()]).pipe(library.filterEvents({})),
  () => from<library.Event[]>([any()]).pipe(library.ofType('Job')),
  () => from<never[]>([any()]).pipe(library.handleWith(() => undefined)),
  (store) => from<never[]>([any()]).pipe(library.appendTo(store)),
  (store) => from<never[]>([any()]).pipe(library.checkpointTo(store, 'fuzz')),
  (_store, _manager, watcher) => watcher.seek(any()),
  (_store, _manager, watcher) => watcher.checkpoint(any()),
  (_store, _manager, watcher) => watcher.setHandler(any()),
  (_store, _manager, watcher) => watcher.stop(any()),
  (_store, _manager, watcher) => watcher.whenProcessed(any()),
  () => library.formatIterator(any()),
  () => library.partitionOf(any(), any()),
  () => library.toCloudEvent(any(), any()),
  () => library.toCloudEvent(storedEvent(1), any()),
  () => library.fromCloudEvent(any()),
  () => library.fromCloudEvent({ ...library.toCloudEvent(storedEvent(1), { source: '/s' }), id: any() }),
  () => library.atTimestamp(any()),
  () => library.atSequenceNumber(any()),
  () => library.afterSequenceNumber(any()),
];

/**
 * Waits for the first value of an Observable or a Promise. Discards the value of an Observable, because that value can be a
 * thenable that never settles.
 */
const settle = (result: unknown): unknown =>
  isObservable(result)
    ? firstValueFrom(
        result.pipe(
          map(() => undefined),
          timeout({ first: 20, with: () => EMPTY }),
        ),
        { defaultValue: undefined },
      )
    : result;

/** Stores, each with its share of the calls. The share of LMDB is small, because each flush of a commit takes time. */
const STORES = [
  ['in memory', 1, () => createMemoryStore({ longPollingTimeout: 0, logger: silent })],
  ['on LMDB', 0.02, (path: string) => openLmdbStore({ path, longPollingTimeout: 0, logger: silent })],
] as const;

test.each(STORES)(
  'the public API throws only errors of the library for hostile values, and the store still works afterwards: %s',
  async (_name, share, open) => {
    const directory = await temporaryDirectory();
    const store: library.EventStore = open(directory.file('fuzz.lmdb'));
    const manager = library.createManager(store);
    const watcher = manager.create('fuzzed', { handler: () => undefined });
    let settled = 0;
    /** Unexpected failures by call and message, so that equal failures are reported once. */
    const failures = new Map<string, string>();
    for (let n = 0; n < CALLS * share; n++) {
      const call = pick(calls);
      try {
        await settle(call(store, manager, watcher));
        settled++;
      } catch (error) {
        if (!(error instanceof library.WatcherLibraryError)) {
          failures.set(`${call}: ${error}`, `call ${n}: ${(error as Error).stack}`);
        }
      }
    }
    expect([...failures.values()]).toEqual([]);
    expect(settled).toBeGreaterThan(0);
    const intact = await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { n: 1 } });
    expect(intact.object).toEqual({ n: 1 });
    await store.close();
    await directory.remove();
  },
  3_600_000,
);
