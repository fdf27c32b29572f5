import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { request, span } from '../../src/testing/conformance/support/requests.ts';
import { startProcess } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const script = new URL('./project-until-killed.mjs', import.meta.url);

/** Number of times that the projection is killed. The environment variable `PROJECTION_KILLS` sets another number. */
const KILLS = Number(process.env.PROJECTION_KILLS ?? 50);

const ORDERS = 200 * KILLS;

const orderOf = (n: number) => ({ customer: `c${n % 7}`, amount: n % 100 });

/** Returns the state of an undisturbed projection of the orders up to a number. */
function expectedState(checkpoint: number) {
  const totals = new Map<string, number>();
  let digest = 1;
  const derived: unknown[] = [];
  for (const seqNum of span(1, checkpoint)) {
    const { customer, amount } = orderOf(seqNum);
    totals.set(customer, (totals.get(customer) ?? 0) + amount);
    digest = (digest * 31 + seqNum) % 1_000_000_007;
    if (seqNum % 5 === 0) derived.push({ seqNum: ORDERS + derived.length + 1, object: { order: seqNum } });
  }
  return { totals: Object.fromEntries([...totals].toSorted()), digest, derived };
}

/** Reads the checkpoint, the tables and the events that the projection has committed. */
async function readState(path: string) {
  const env = openLmdbEnv({ path });
  const store = openLmdbStore({ env, gcAgeThreshold: 0 });
  const totals = env.openDB<number, string>({ name: 'totals', encoding: 'json' });
  const digests = env.openDB<number, string>({ name: 'digests', encoding: 'json' });
  const checkpoint = (await firstValueFrom(store.getCheckpoint('orders'))) ?? 0;
  const state = {
    totals: Object.fromEntries([...totals.getRange()].map(({ key, value }) => [key, value])),
    digest: digests.get('orders') ?? 1,
    derived: (await readAll(store)).slice(ORDERS).map(({ seqNum, object }) => ({ seqNum, object })),
  };
  await store.close();
  await env.close();
  return { checkpoint, state };
}

/** Starts the projection, and kills it after a number of orders. Returns whether it was killed before the last order. */
async function projectAndKill(path: string, maxBatch: number, count: number): Promise<boolean> {
  const program = startProcess(script, path, ORDERS, maxBatch);
  let isDone = false;
  let lines = 0;
  for await (const line of program.lines) {
    isDone ||= line === 'done';
    if (++lines >= count || isDone) void program.kill();
  }
  return lines >= count && !isDone;
}

test('after any kill, a projection has the tables and events of an undisturbed projection up to its checkpoint', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  const store = openLmdbStore({ path });
  await store.storeEvents(span(1, ORDERS).map((n) => request('CREATE', 'Order', orderOf(n))));
  await store.close();

  let killed = 0;
  for (const round of span(1, KILLS)) {
    // The number of orders before the kill, and the size of a transaction, differ in each round. The process runs on until
    // the system delivers the signal, so that the kill can interrupt any step.
    const isKilled = await projectAndKill(path, 1 + ((round * 13) % 60), 1 + ((round * 37) % 150));
    const { checkpoint, state } = await readState(path);
    // After the last order, the checkpoint moves past the events of the projection.
    expect(state).toEqual(expectedState(Math.min(checkpoint, ORDERS)));
    if (isKilled) killed++;
  }
  expect(killed).toBeGreaterThan(KILLS / 2);

  await projectAndKill(path, 1000, Number.POSITIVE_INFINITY);
  expect((await readState(path)).state).toEqual(expectedState(ORDERS));
  await directory.remove();
}, 600_000);
