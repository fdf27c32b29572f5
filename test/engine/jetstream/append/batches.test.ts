import { PartialBatchError, StoreError } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

test('storeEvents on JetStream returns the assigned numbers, even if events of other stores are stored between them', async () => {
  const stream = streams.nextStream();
  const [one, other] = [await streams.open({ stream }), await streams.open({ stream })];

  const batches = await Promise.all(
    span(1, 20).map((n) =>
      (n % 2 === 0 ? one : other).storeEvents(span(1, 50).map((m) => created(100 * n + m))),
    ),
  );

  const events = await readAll(one);
  expect(events).toHaveLength(1000);
  for (const batch of batches) {
    expect(batch.map(({ seqNum }) => events[seqNum - 1])).toEqual(batch);
    expect(seqNums(batch)).toEqual([...seqNums(batch)].sort((a, b) => a - b));
  }
});

test('storeEvents on JetStream rejects with the numbers of the stored events if the stream accepts only a part of the batch', async () => {
  const stream = streams.nextStream();
  const { manager } = await rawStream(streams.server.url);
  await manager.streams.add({
    name: stream,
    subjects: [`${stream}.>`],
    republish: { src: `${stream}.>`, dest: `${stream}-stored.>`, headers_only: true },
    discard: 'new',
    max_msgs: 3,
  });
  const store = await streams.open({ stream });
  await store.storeEvent(created(1));

  const failure = await failureOf(store.storeEvents(span(2, 5).map(created)));

  expect(failure).toBeInstanceOf(PartialBatchError);
  expect(failure).toMatchObject({ code: 'ERR_PARTIAL_BATCH', stored: [2, 3] });
  expect(String(failure)).toMatch(
    /2 of 4 events were stored, with the sequence numbers 2, 3: .*maximum messages exceeded/,
  );
  expect((failure as Error).cause).toBeInstanceOf(StoreError);
  expect(seqNums(await readAll(store))).toEqual([1, 2, 3]);
  const single = await failureOf(store.storeEvent(created(6)));
  expect(single).toBeInstanceOf(StoreError);
  expect(String(single)).toContain('the event was not stored');
});

test('storeEvent on JetStream rejects only an event above the size limit of the server', async () => {
  const store = await streams.open({ maxEventBytes: 20 * 1024 * 1024 });
  const large = request('CREATE', 'Large', 'x'.repeat(9 * 1024 * 1024));

  const results = await Promise.allSettled([
    store.storeEvent(created(1)),
    store.storeEvent(large),
    store.storeEvent(created(2)),
  ]);

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const [, rejected] = results;
  expect((rejected as PromiseRejectedResult).reason).toBeInstanceOf(StoreError);
  expect(String((rejected as PromiseRejectedResult).reason)).toContain('the event was not stored');
  expect(await firstValueFrom(store.getLatestSeqNum())).toBe(2);
});
