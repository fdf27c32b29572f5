import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../support/each-directory.ts';
import { startProcess } from '../support/program.ts';

const script = new URL('./copy-until-killed.mjs', import.meta.url);

const EVENTS = 3000;

let from: string;
let to: string;

eachDirectory(async (directory) => {
  [from, to] = [directory.file('from.lmdb'), directory.file('to.lmdb')];
  const store = openLmdbStore({ path: from });
  await Promise.all(span(1, EVENTS).map((n) => store.storeEvent(created(n))));
  await store.storeCheckpoint('w', 1234);
  await store.close();
});

/** Starts a process that copies, and kills it after some progress reports. Returns whether all events were copied. */
async function copyAndKill(reports: number): Promise<boolean> {
  const program = startProcess(script, from, to);
  let received = 0;
  let isWhole = false;
  for await (const line of program.lines) {
    const [copied, total] = line.split(' ');
    isWhole = copied === total;
    if (++received >= reports) void program.kill();
  }
  return isWhole;
}

test('a copy that was killed and started again neither loses nor duplicates an event', async () => {
  let killed = 0;
  for (const reports of [1, 2, 7, 20, 3, 45, 11]) if (!(await copyAndKill(reports))) killed++;
  expect(killed).toBeGreaterThan(2);
  expect(await copyAndKill(Number.POSITIVE_INFINITY)).toBe(true);

  const [source, target] = [openLmdbStore({ path: from }), openLmdbStore({ path: to, gcAgeThreshold: 0 })];
  const events = await readAll(target);
  expect(events).toHaveLength(EVENTS);
  expect(events).toEqual(await readAll(source));
  expect(await firstValueFrom(target.checkpoints())).toEqual(new Map([['w', 1234]]));
  await Promise.all([source.close(), target.close()]);
});
