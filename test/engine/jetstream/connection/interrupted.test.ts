import { type Event, StoreError, trimHorizon, watch } from 'rx-watcher';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream, FAST_RECONNECT } from '../../../support/jetstream/each-stream.ts';
import { natsServer } from '../../../support/jetstream/nats-server.ts';

const streams = eachStream();

/** Opens two stores on one stream: one through a proxy that can interrupt the connection, the other without a proxy. */
async function openTwo(options = {}) {
  const proxy = await streams.proxy();
  const stream = streams.nextStream();
  const interrupted = await streams.open({ stream, servers: proxy.url, ...options });
  return { proxy, interrupted, other: await streams.open({ stream }) };
}

const jobsOf = (events: readonly Event[]) => events.map(({ object }) => (object as { n: number }).n);

describe('a store with an unreliable connection', () => {
  test('connection$ reports the start and the end of an interruption', async () => {
    const { proxy, interrupted } = await openTwo();
    const states = note(interrupted.connection$);

    proxy.refuse(true);
    proxy.cut();
    await states.has(2);
    proxy.refuse(false);
    await states.has(3);
    await interrupted.close();

    expect(states.values).toEqual(['connected', 'reconnecting', 'connected', 'closed']);
    expect(states.isComplete).toBe(true);
  });

  test('a store with an unreliable connection stores each event once, in order, even if acknowledgements are lost', async () => {
    const { proxy, interrupted, other } = await openTwo();
    const seen = lastValueFrom(other.events(trimHorizon()).pipe(take(200), toArray()));

    proxy.discardAnswers();
    const appends = span(1, 200).map((n) => interrupted.storeEvent(created(n)));
    await seen;
    proxy.cut();

    expect(seqNums(await Promise.all(appends))).toEqual(span(1, 200));
    expect(jobsOf(await readAll(other))).toEqual(span(1, 200));
  });

  test('events that are appended during an interruption get later numbers than the events in flight', async () => {
    const { proxy, interrupted, other } = await openTwo();
    const states = note(interrupted.connection$);
    await interrupted.storeEvent(created(1));

    proxy.refuse(true);
    const early = span(2, 50).map((n) => interrupted.storeEvent(created(n)));
    proxy.cut();
    await states.has(2);
    const late = span(51, 99).map((n) => interrupted.storeEvent(created(n)));
    proxy.refuse(false);
    await Promise.all([...early, ...late]);

    expect(jobsOf(await readAll(other))).toEqual(span(1, 99));
  });

  test('a store with an unreliable connection wakes its readers after an interruption during which events were stored', async () => {
    const { proxy, interrupted, other } = await openTwo();
    const states = note(interrupted.connection$);
    const events = note(interrupted.events(trimHorizon()));
    await other.storeEvent(created(1));
    await events.has(1);

    proxy.refuse(true);
    proxy.cut();
    await states.has(2);
    await other.storeEvent(created(2));
    proxy.refuse(false);
    await events.has(2);

    expect(seqNums(events.values)).toEqual([1, 2]);
  });

  test('a store with an unreliable connection delivers every event to a watcher, even after repeated interruptions in the middle of pages', async () => {
    const { proxy, interrupted, other } = await openTwo();
    await other.storeEvents(span(1, 3000).map(created));
    let cuts = 0;

    const outcomes = watch(interrupted, 'w', {
      batchSize: 500,
      initialBackoff: 1,
      maxBackoff: 20,
      handler: ({ seqNum }) => {
        if (seqNum % 400 !== 0 || cuts * 400 >= seqNum) return;
        cuts++;
        proxy.cut();
      },
    }).pipe(take(3000), toArray());

    expect((await lastValueFrom(outcomes)).map(({ seqNum }) => seqNum)).toEqual(span(1, 3000));
    expect(cuts).toBe(7);
  });

  test('a store with an unreliable connection completes appends and reads while the connection is slow', async () => {
    const { proxy, interrupted } = await openTwo();
    proxy.delayAnswers(60);

    const stored = await Promise.all(span(1, 20).map((n) => interrupted.storeEvent(created(n))));

    expect(seqNums(stored)).toEqual(span(1, 20));
    expect(seqNums(await readAll(interrupted, trimHorizon(), { batchSize: 7 }))).toEqual(span(1, 20));
  });

  test('after an interruption longer than duplicateWindow, only unsent events are reported as not stored', async () => {
    const { proxy, interrupted, other } = await openTwo({ duplicateWindow: 1000 });
    const states = note(interrupted.connection$);
    await interrupted.storeEvent(created(1));
    proxy.refuse(true);

    proxy.discardAnswers();
    const sent = failureOf(interrupted.storeEvent(created(2)));
    proxy.cut();
    await states.has(2);
    const unsent = failureOf(interrupted.storeEvents([created(3), created(4)]));

    expect(await sent).toBeInstanceOf(StoreError);
    expect(String(await sent)).toContain('the outcome is unknown: the connection is reconnecting');
    const code = interrupted.atomicBatches ? 'ERR_STORE' : 'ERR_PARTIAL_BATCH';
    expect(await unsent).toMatchObject({ code });
    expect(String(await unsent)).toMatch(/the event was not stored|no event of the batch was stored/);
    proxy.refuse(false);
    await states.has(3);
    expect(jobsOf(await readAll(other))).not.toContain(3);
    expect((await interrupted.storeEvent(created(5))).seqNum).toBeGreaterThan(1);
  });

  test('a read fails with a StoreError during a long interruption of the connection', async () => {
    const { proxy, interrupted } = await openTwo();
    const states = note(interrupted.connection$);
    proxy.refuse(true);
    proxy.cut();
    await states.has(2);

    const failure = await failureOf(firstValueFrom(interrupted.getLatestSeqNum()));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toContain('the read failed');
    proxy.refuse(false);
    await states.has(3);
  });
});

describe('a server that is killed during appends', () => {
  test('a server that is killed during appends loses no acknowledged event, and later delivers every event to a watcher', async () => {
    const server = await natsServer();
    await server.start();
    const options = { servers: server.url, connectionOptions: FAST_RECONNECT, stream: streams.nextStream() };
    const writer = await streams.open(options);
    const reader = await streams.open(options);
    const outcomes = note(
      watch(reader, 'w', { initialBackoff: 1, maxBackoff: 50, handler: () => undefined }),
    );
    const acknowledged: Event[] = [];
    const append = async (n: number) => void acknowledged.push(await writer.storeEvent(created(n)));

    for (const round of span(1, 3)) {
      const appends = span(1, 300).map((n) => append(300 * (round - 1) + n));
      await outcomes.has(300 * (round - 1) + 20);
      await server.kill('SIGKILL');
      await server.start();
      await Promise.all(appends);
    }
    await outcomes.has(900);

    const events = await readAll(writer);
    expect(jobsOf(events)).toEqual(span(1, 900));
    expect(seqNums(events)).toEqual(span(1, 900));
    expect(acknowledged.sort((a, b) => a.seqNum - b.seqNum)).toStrictEqual(events);
    expect(outcomes.values.map(({ seqNum }) => seqNum)).toEqual(span(1, 900));
    await Promise.all([writer.close(), reader.close()]);
    await server.remove();
  });
});
