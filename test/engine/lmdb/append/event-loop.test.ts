import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { type EventStore, trimHorizon, watch } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { count, filter, lastValueFrom, take } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../support/temporary-directory.ts';

const EVENTS = 200_000;
const BATCH = 2000;

/** Maximum time without a turn of the event loop, in milliseconds. */
const MAX_DELAY = 100;
const ATTEMPTS = 10;

type Monitor = ReturnType<typeof monitorEventLoopDelay>;

/** Waits for the next sample. A sample is due each millisecond, and late if the event loop is blocked. */
async function nextSample(delay: Monitor): Promise<void> {
  for (const { count } = delay; delay.count === count; ) await setImmediate();
}

async function delayDuring(run: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await nextSample(delay);
  delay.reset();
  await nextSample(delay);
  await run();
  await nextSample(delay);
  delay.disable();
  return delay.max / 1e6;
}

/**
 * Returns the maximum time without a turn of the event loop during `run`, in milliseconds. Takes the best of a few runs,
 * because a busy machine sometimes suspends a process.
 */
async function longestDelay(run: () => Promise<unknown>): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && shortest >= MAX_DELAY; attempt++)
    shortest = Math.min(shortest, await delayDuring(run));
  return shortest;
}

describe(`a read of ${EVENTS} events from LMDB`, () => {
  let directory: TemporaryDirectory;
  let store: EventStore;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    store = openLmdbStore({ path: directory.file('events.lmdb') });
    for (const batch of span(1, EVENTS / BATCH)) {
      await store.storeEvents(span(1, BATCH).map((n) => request('CREATE', 'Job', { n, batch })));
    }
  });
  afterAll(async () => {
    await store.close();
    await directory.remove();
  });
  const replay = (events: number) =>
    lastValueFrom(store.events(trimHorizon(), { live: false }).pipe(take(events), count()));
  const watched = (events: number) =>
    lastValueFrom(
      watch(store, 'w', { handler: () => undefined, ephemeral: true }).pipe(
        filter(({ status }) => status === 'handled'),
        take(events),
        count(),
      ),
    );

  test('a long replay from LMDB does not block the event loop', async () => {
    await replay(5000);

    const delay = await longestDelay(async () => expect(await replay(EVENTS)).toBe(EVENTS));

    expect(delay).toBeLessThan(MAX_DELAY);
  });

  test('a long replay from LMDB with a filter that matches no event does not block the event loop', async () => {
    const noMatch = store
      .events(trimHorizon(), { live: false, filter: { operations: ['DELETE'] } })
      .pipe(count());

    const delay = await longestDelay(async () => {
      for (const _ of span(1, 10)) expect(await lastValueFrom(noMatch)).toBe(0);
    });

    expect(delay).toBeLessThan(MAX_DELAY);
  });

  test('a watcher with a synchronous handler does not block the event loop while it handles many events from LMDB', async () => {
    await watched(5000);

    const delay = await longestDelay(async () => expect(await watched(EVENTS)).toBe(EVENTS));

    expect(delay).toBeLessThan(MAX_DELAY);
  });
});
