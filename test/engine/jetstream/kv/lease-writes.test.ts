import { expect, test } from 'vitest';
import { grant, keepingLeases, leaseOf } from '../../../../src/testing/conformance/support/held-lease.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { eachStream } from '../each-stream.ts';
import { openBucket, rawStream } from '../raw-stream.ts';

const streams = eachStream();

/** A store whose way to the server can be interrupted, and another on its stream with a way of its own. */
async function openTwo() {
  const proxy = await streams.proxy();
  const stream = streams.nextStream();
  const store = await streams.open({ stream, servers: proxy.url });
  const { connection$ } = store;
  return {
    proxy,
    interrupted: keepingLeases(store),
    connection$,
    stream,
    other: await streams.open({ stream }),
  };
}

test('a lease whose answer was lost is known for what it is', async () => {
  const { proxy, interrupted, stream, other } = await openTwo();
  const bucket = await openBucket(streams.server.url, `${stream}_checkpoints`);
  const stored = await bucket.watch({ key: 'lease.w' });

  proxy.holdAnswers();
  const revision = interrupted.internals.leases.store('w', { owner: 'me', token: 1 }, 0);
  for await (const _ of stored) break;
  proxy.cut();

  expect(await revision).toBe((await leaseOf(other))?.revision);
});

test('a lease that was given back while the connection was lost is told of when it is back', async () => {
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

test('a connection of the application that is being drained tells nothing, and that is no error', async () => {
  const { connection } = await rawStream(streams.server.url);
  const own = { connection, servers: undefined, connectionOptions: undefined };
  const store = keepingLeases(await streams.open(own));

  const drained = connection.drain();
  const released = note(store.internals.leases.released$);
  await drained;
  await released.ended;

  expect([released.values, released.error]).toEqual([[], undefined]);
});

test('a close waits for a lease that is being stored, with its fence', async () => {
  const { proxy, interrupted, other } = await openTwo();
  proxy.delayAnswers(50);
  const order: string[] = [];

  const stored = interrupted.internals.leases
    .store('w', { owner: 'me', token: 1 }, 0)
    .then(() => order.push('stored'));
  await interrupted.close().then(() => order.push('closed'));
  await stored;

  expect(order).toEqual(['stored', 'closed']);
  await other.storeCheckpoint('w', 1, 1);
});
