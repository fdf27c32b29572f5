// Durable appends compared with puts of the same JSON through lmdb-js without the library, one value per event.
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fresh, openRaw, openStore } from './logs.mjs';
import { request, requests } from './request.mjs';

/**
 * Pairs of numbers: concurrent writers, and events that all writers append together. A single writer is last, because V8
 * optimizes the code only after thousands of events.
 */
const TOTALS = [
  [1024, 100_000],
  [64, 20_000],
  [1, 2000],
];

export async function append({ rounds, size, directory }) {
  const store = openStore(fresh(directory, 'append'));
  const raw = openRaw(fresh(directory, 'append-raw'));
  let key = 0;
  const figures = [];
  for (const [writers, full] of TOTALS) {
    const total = size(full, full / 20);
    figures.push(
      await compare({
        name: `durable append, ${writers} in flight`,
        rounds,
        total,
        ours: { run: () => inFlight(writers, total, (n) => store.storeEvent(request(n))) },
        other: 'raw put',
        theirs: { run: () => inFlight(writers, total, (n) => raw.put(++key, request(n))) },
      }),
    );
  }
  const batches = size(50, 5);
  const inBatches = (write) => async () => {
    for (let batch = 0; batch < batches; batch++) await write(requests(batch * 1000, 1000));
  };
  const putAll = (values) =>
    raw.transaction(() => {
      for (const value of values) void raw.put(++key, value);
    });
  figures.push(
    await compare({
      name: 'storeEvents of 1000, durable',
      rounds,
      total: batches * 1000,
      ours: { run: inBatches((batch) => store.storeEvents(batch)) },
      other: 'raw transaction of 1000 puts',
      theirs: { run: inBatches(putAll) },
    }),
  );
  await Promise.all([store.close(), raw.close()]);
  return figures;
}
