import { join } from 'node:path';
import { createKiller } from './killer.mjs';
import { startProcess } from './start-process.mjs';

/** Number of failed processes after which the file counts as damaged. */
const FAILURES = 3;

/** Returns an object that starts, ends and kills the processes of one round, and counts how they ended. */
export function createFleet({ path, journals, packageDirectory, keep, random, kills }) {
  const workers = new Set();
  const strike = createKiller(kills, random);
  const result = { processes: 0, openings: [], killsWhileOpening: 0, killsOtherwise: 0, failures: [] };

  const start = (role, journal, isTarget) => {
    const id = ++result.processes;
    const journalPath = join(journals, `${journal ?? id}.log`);
    const options = { role, id, seed: random.below(2 ** 31), path, journalPath, packageDirectory, keep };
    let state = 'starting';
    const child = startProcess('worker.mjs', options, (line) => {
      const [next, micros] = line.split(' ');
      state = next;
      if (state === 'open') result.openings.push(Number(micros));
      if (state === 'opening' && isTarget) strike(worker, [...workers]);
    });
    const worker = { ...child, role, state: () => state };
    if (isTarget) workers.add(worker);
    void child.ended.then(() => workers.delete(worker));
    return worker;
  };
  const judge = ({ role, state }, { code, signal, wasKilled, isHung, errors }) => {
    if (code === 0) return;
    if (isHung) result.failures.push({ kind: 'hung', role, state: state() });
    else if (wasKilled && signal === 'SIGKILL')
      result[state() === 'opening' ? 'killsWhileOpening' : 'killsOtherwise']++;
    else if (signal !== null) result.failures.push({ kind: 'crashed', role, state: state(), signal, errors });
    else result.failures.push({ kind: 'failed', role, state: state(), code, errors });
  };

  return {
    result,
    /** Whether the file counts as damaged: continuing would only repeat the same failures. */
    isDamaged: () => result.failures.length >= FAILURES,
    /**
     * Runs a process until it ends, or until `over` resolves.
     *
     * @param options.journal - Name of a journal that several processes continue. Default: one per process.
     * @param options.isTarget - Whether the process may be killed. Default true.
     */
    async run(role, over, { journal, isTarget = true } = {}) {
      const worker = start(role, journal, isTarget);
      await Promise.race([worker.ended, over]);
      await worker.end();
      judge(worker, await worker.ended);
    },
  };
}
