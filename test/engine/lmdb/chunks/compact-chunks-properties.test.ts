import fc from 'fast-check';
import { afterSequenceNumber, atTimestamp, type StoreEventRequest, trimHorizon } from 'rx-watcher';
import { expect, test } from 'vitest';
import { CHUNK_BYTES, CHUNK_RECORDS, CHUNK_SPAN } from '../../../../src/engine/lmdb/chunks/chunk-format.ts';
import { type ChunkView, viewChunk } from '../../../../src/engine/lmdb/chunks/chunk-view.ts';
import { readAll, readPage } from '../../../../src/testing/conformance/support/read-all.ts';
import { request, span } from '../../../../src/testing/conformance/support/requests.ts';
import { LogModel } from '../../../../src/testing/log-model.ts';
import { type TableFixture, tableFixture } from './table-fixture.ts';

/** Appends, then a run of garbage collection that deletes a part of the log. */
const round = fc.record({
  appends: fc.array(
    fc.record({
      requests: fc.oneof(
        { weight: 9, arbitrary: fc.record({ count: fc.integer({ min: 1, max: 3 }), size: fc.nat(9) }) },
        { weight: 3, arbitrary: fc.record({ count: fc.nat(1100), size: fc.nat(9) }) },
        { weight: 2, arbitrary: fc.record({ count: fc.nat(4), size: fc.nat(70_000) }) },
      ),
      later: fc.oneof({ weight: 9, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(CHUNK_SPAN) }),
      /**
       * Whether the test awaits the append. If not, the append can share a commit, and therefore a chunk, with the next
       * append.
       */
      isAwaited: fc.boolean(),
    }),
    { maxLength: 30, size: 'max' },
  ),
  trimmedPercentage: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
});
type Round = typeof round extends fc.Arbitrary<infer R> ? R : never;

const requests = ({ count, size }: { count: number; size: number }): readonly StoreEventRequest[] =>
  span(1, count).map((n) => request(n % 3 ? 'CREATE' : 'DELETE', n % 2 ? 'Job' : 'Node', 'x'.repeat(size)));

const bytesOf = (view: ChunkView): number =>
  span(0, view.count - 1).reduce((sum, index) => sum + view.end(index) - view.begin(index), 0);

/** Returns whether adjacent chunks would fit into one chunk. */
const fitTogether = (views: readonly ChunkView[]): boolean => {
  const sum = (of: (view: ChunkView) => number) => views.reduce((total, view) => total + of(view), 0);
  const last = views.at(-1);
  const time = (last?.timestamp(last.count - 1) ?? 0) - (views[0]?.timestamp(0) ?? 0);
  return sum(({ count }) => count) <= CHUNK_RECORDS && sum(bytesOf) <= CHUNK_BYTES && time <= CHUNK_SPAN;
};

/**
 * Expects that adjacent chunks that fit into one chunk remain only at the end of the log. Compaction does not merge the
 * chunks at the end, because it can later merge them with further chunks.
 */
function expectCompacted({ keys, table }: TableFixture): void {
  const views = keys().map((key) => viewChunk(table.get(key) as Buffer, key) as ChunkView);
  for (const index of views.slice(0, -1).keys()) {
    if (fitTogether(views.slice(index, index + 2))) {
      expect(fitTogether(views.slice(index)), `chunks ${index} and ${index + 1} fit together`).toBe(true);
    }
  }
}

/** Compares reads that start before and after the end of each chunk, reads from timestamps, and reads with filters. */
async function expectEqualReads({ store, keys }: TableFixture, model: LogModel): Promise<void> {
  for (const key of keys()) {
    for (const seqNum of [key - 1, key].filter((n) => n >= model.oldest - 1 && n < model.latest)) {
      const query = { iterator: afterSequenceNumber(seqNum), filter: {}, limit: 2, batchSize: 10 };
      expect(await readPage(store, query.iterator, query)).toStrictEqual(model.page(query));
    }
  }
  const middle = model.events[Math.floor((model.oldest + model.latest) / 2)]?.timestamp ?? new Date(0);
  for (const from of [trimHorizon(), atTimestamp(middle), atTimestamp(new Date(middle.getTime() + 1))]) {
    for (const filter of [{}, { objectTypes: ['Node'] }, { operations: ['DELETE' as const] }]) {
      expect(await readAll(store, from, { filter })).toStrictEqual(model.replay(from, filter));
    }
  }
}

test('compaction after any appends and trims merges all adjacent chunks that fit into one chunk, and readers get the same events', async () => {
  const follow = async (rounds: readonly Round[]) => {
    const fixture = await tableFixture();
    const { store, time } = fixture;
    const model = new LogModel();
    for (const { appends, trimmedPercentage } of rounds) {
      let stored: Promise<unknown> = Promise.resolve();
      for (const append of appends) {
        time.set(time.now() + append.later);
        stored = store.storeEvents(requests(append.requests));
        model.append(requests(append.requests), time.now());
        if (append.isAwaited) await stored;
      }
      await stored;
      const count = model.latest - model.oldest + 1;
      const checkpoint = model.oldest - 1 + Math.floor((trimmedPercentage * count) / 100);
      await store.storeCheckpoint('w', checkpoint);
      time.set(time.now() + 1000);
      model.trim(checkpoint);

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: model.oldest });

      expectCompacted(fixture);
      await expectEqualReads(fixture, model);
    }
    await fixture.remove();
  };

  await fc.assert(fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), follow), { numRuns: 20 });
});
