import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { type EventStore, trimHorizon, watch } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { count, filter, lastValueFrom, take } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../conformance/temporary-directory.ts';

const EVENTS = 200_000;
const BATCH = 2000;
const LONGEST = 100;
const ATTEMPTS = 10;

type Monitor = ReturnType<typeof monitorEventLoopDelay>;

/** A sample is taken each millisecond, or as soon as the loop turns again; it counts from the one before. */
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
 * The longest time, in milliseconds, for which the event loop does not turn while something runs: the least of a few
 * runs, because a busy machine makes any process wait now and then.
 */
async function longestDelay(run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least >= LONGEST; attempt++)
    least = Math.min(least, await delayDuring(run));
  return least;
}

describe(`while ${EVENTS} events are read from LMDB, the event loop turns`, () => {
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

  test('in a replay', async () => {
    await replay(5000);

    const delay = await longestDelay(async () => expect(await replay(EVENTS)).toBe(EVENTS));

    expect(delay).toBeLessThan(LONGEST);
  });

  test('in a replay that gives nothing', async () => {
    const none = store
      .events(trimHorizon(), { live: false, filter: { operations: ['DELETE'] } })
      .pipe(count());

    const delay = await longestDelay(async () => {
      for (const _ of span(1, 10)) expect(await lastValueFrom(none)).toBe(0);
    });

    expect(delay).toBeLessThan(LONGEST);
  });

  test('under a watcher whose handler is synchronous', async () => {
    await watched(5000);

    const delay = await longestDelay(async () => expect(await watched(EVENTS)).toBe(EVENTS));

    expect(delay).toBeLessThan(LONGEST);
  });
});
