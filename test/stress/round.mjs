import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createFleet } from './fleet.mjs';
import { verify } from './verify.mjs';

/** Relative frequency of each role. */
const WEIGHTS = { reopen: 5, look: 5, stay: 3, transact: 2, watch: 2, collect: 2, put: 2 };

export const ROLES = Object.keys(WEIGHTS);

/** Minimum and maximum lifetime of a process, in milliseconds. */
const LIFE = [2000, 20_000];

/** Maximum time for reading the file after the round, in milliseconds. */
const READING = 120_000;

/** Runs several processes at a time for some seconds. Resolves when all of them have ended. */
async function workOn(fleet, { seconds, processes, roles, random }) {
  const drawn = roles.flatMap((role) => Array(WEIGHTS[role]).fill(role));
  let isOver = false;
  let resolveOver;
  const over = new Promise((resolve) => {
    resolveOver = resolve;
  });
  const finish = () => {
    isOver = true;
    resolveOver();
  };
  const timer = setTimeout(finish, seconds * 1000);
  const occupy = async () => {
    while (!isOver) {
      const life = wait(random.between(...LIFE), undefined, { ref: false });
      await fleet.run(random.pick(drawn), Promise.race([over, life]));
      if (fleet.isDamaged()) finish();
    }
  };
  await Promise.all(Array.from({ length: processes }, occupy));
  clearTimeout(timer);
}

/** Records the events until `work` resolves, in a process that is never killed. */
async function withAudit(fleet, work) {
  let isOver = false;
  const over = work.then(() => {
    isOver = true;
  });
  while (!isOver) await fleet.run('audit', over, { journal: 'audit', isTarget: false });
}

/** Runs processes at random on one new file. See `withFile`. */
export const runRound = (settings) =>
  withFile(settings, (fleet) => withAudit(fleet, workOn(fleet, settings)));

/**
 * Calls `work` with a fleet of processes on one new file, then compares the file with the acknowledgements. The directory is
 * kept if there are faults.
 */
export async function withFile({ parent, ...settings }, work) {
  const directory = mkdtempSync(join(parent, 'rx-watcher-stress-'));
  const journals = join(directory, 'journals');
  mkdirSync(journals);
  const fleet = createFleet({ ...settings, path: join(directory, 'events.lmdb'), journals });

  await work(fleet);
  await fleet.run('readAll', wait(READING, undefined, { ref: false }), { journal: 'final', isTarget: false });
  const verified = verify(journals);
  const { failures, ...counts } = fleet.result;
  const kinds = { crashed: 0, failed: 0, hung: 0 };
  for (const { kind } of failures) kinds[kind]++;
  const unguarded = settings.kills ? 0 : verified.unguarded;
  const faults = { ...verified.faults, unguarded, ...kinds };
  const hasFailed = Object.values(faults).some((count) => count > 0);
  if (!hasFailed) rmSync(directory, { recursive: true });
  return { ...counts, ...verified, faults, failures, ...(hasFailed && { directory }) };
}
