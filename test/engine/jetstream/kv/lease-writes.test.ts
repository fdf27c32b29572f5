import { expect, test } from 'vitest';
import { asLeaseStore, grant, leaseOf } from '../../../../src/testing/conformance/support/held-lease.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { openBucket, rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

/** Opens two stores on one stream: one through a proxy that can interrupt the connection, the other without a proxy. */
async function openTwo() {
  const proxy = await streams.proxy();
  const stream = streams.nextStream();
  const store = await streams.open({ stream, servers: proxy.url });
  const { connection$ } = store;
  return {
    proxy,
    interrupted: asLeaseStore(store),
    connection$,
    stream,
    other: await streams.open({ stream }),
  };
}

test('leases.store returns the revision of the stored lease, even if the answer of the server was lost', async () => {
  const { proxy, interrupted, stream, other } = await openTwo();
  const bucket = await openBucket(streams.server.url, `${stream}_checkpoints`);
  const stored = await bucket.watch({ key: 'lease.w' });

  proxy.discardAnswers();
  const revision = interrupted.internals.leases.store('w', { owner: 'me', token: 1 }, 0);
  for await (const _ of stored) break;
  proxy.cut();

  expect(await revision).toBe((await leaseOf(other))?.revision);
});

test('released$ emits after a reconnection if a lease was released during the interruption', async () => {
  const { proxy, interrupted, connection$, other } = await openTwo();
  const states = note(connection$);
  const released = note(interrupted.internals.leases.released$);
  await grant(other, { owner: 'other', token: 1 });

  proxy.refuse(true);
  proxy.cut();
  await states.has(2);
  await grant(other, { token: 1 });
  expect(released.values).toHaveLength(0);
  proxy.refuse(false);
  await released.has(1);
  await grant(interrupted, { owner: 'me', token: 2 });
  await grant(other, { token: 2 });
  await released.has(2);

  await interrupted.close();
  expect([released.error, released.isComplete]).toEqual([undefined, true]);
  expect(note(interrupted.internals.leases.released$).isComplete).toBe(true);
});

test('released$ completes without an error while the application drains its connection', async () => {
  const { connection } = await rawStream(streams.server.url);
  const options = { connection, servers: undefined, connectionOptions: undefined };
  const store = asLeaseStore(await streams.open(options));

  const drained = connection.drain();
  const released = note(store.internals.leases.released$);
  await drained;
  await released.ended;

  expect([released.values, released.error]).toEqual([[], undefined]);
});

test('close waits for a pending write of a lease and of its fencing token', async () => {
  const { proxy, interrupted, other } = await openTwo();
  proxy.delayAnswers(50);
  const order: string[] = [];

  const store = async () => {
    await interrupted.internals.leases.store('w', { owner: 'me', token: 1 }, 0);
    order.push('stored');
  };
  const stored = store();
  await interrupted.close().then(() => order.push('closed'));
  await stored;

  expect(order).toEqual(['stored', 'closed']);
  await other.storeCheckpoint('w', 1, 1);
});
