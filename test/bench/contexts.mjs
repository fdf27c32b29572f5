// Appends of events with ids, and replays of the events of one key or partition, compared with the same work without ids,
// keys and partitions.
import { randomUUID } from 'node:crypto';
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fresh, openStore } from './logs.mjs';
import { replay } from './reading.mjs';
import { request, requests } from './request.mjs';

const KEYS = 1000;
const BATCH = 1000;
const WRITERS = 64;

// The spread is last, because V8 would give each object with properties after a spread a separate shape.
const withContext = (context, one) => ({ ...context, ...one });

function requestWithKey(n, key) {
  const { operation, objectType, object } = request(n);
  return { operation, objectType, object, key };
}

function requestWithId(n, id) {
  const { operation, objectType, object } = request(n);
  return { operation, objectType, object, id };
}

const keyOf = (n) => `order-${n % KEYS}`;

/** Returns ids that grow, as ULIDs and UUIDs of version 7 do. */
function growingIds() {
  let last = 0;
  return () => `event-${String(++last).padStart(20, '0')}`;
}

async function appends({ rounds, size, directory }) {
  const total = size(20_000, 1000);
  const store = openStore(fresh(directory, 'contexts-append'));
  const append = (contextOf, requestOf) => () =>
    inFlight(WRITERS, total, (n) => store.storeEvent(requestOf(n, contextOf(n))));
  // Both sides create the same key or id, because only the cost of the append is compared.
  const against = (name, contextOf, requestOf) =>
    compare({
      name,
      rounds,
      total,
      ours: { run: append(contextOf, requestOf) },
      other: 'without',
      theirs: { run: append(contextOf, request) },
    });
  const figures = [
    await against('append with a key, 64 in flight', keyOf, requestWithKey),
    await against('append with a growing id, 64 in flight', growingIds(), requestWithId),
    await against('append with a random id, 64 in flight', () => randomUUID(), requestWithId),
  ];
  await store.close();
  return figures;
}

async function replays({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const plain = openStore(fresh(directory, 'contexts-plain'));
  const store = openStore(fresh(directory, 'contexts'));
  const nextId = growingIds();
  for (let n = 0; n < total; n += BATCH) {
    const batch = requests(n, BATCH);
    await plain.storeEvents(batch);
    await store.storeEvents(
      batch.map((one, index) => withContext({ key: keyOf(n + index), id: nextId() }, one)),
    );
  }
  const all = () => replay(store, total);
  const against = (name, run, other, otherRun) =>
    compare({ name, rounds, total, ours: { run }, other, theirs: { run: otherRun } });
  const ofKey = () => replay(store, total / KEYS, { filter: { keys: ['order-17'] } });
  const figures = [
    await against('replay of 1 key of 1000', ofKey, 'of all', all),
    await against('replay with keys and ids', all, 'without', () => replay(plain, total)),
  ];
  await Promise.all([plain.close(), store.close()]);
  return figures;
}

export const contexts = async (options) => [...(await appends(options)), ...(await replays(options))];
