import { join } from 'node:path';
import { createKiller } from './killer.mjs';
import { startProcess } from './start-process.mjs';

/** Number of failed processes after which the file counts as damaged. */
const FAILURES = 3;

/** Returns an object that starts, ends and kills the processes of one round, and records the outcome of each process. */
export function createFleet({ path, journals, packageDirectory, keep, random, kills }) {
  const workers = new Set();
  const strike = createKiller(kills, random);
  const result = { processes: 0, openings: [], killsWhileOpening: 0, killsOtherwise: 0, failures: [] };

  const start = (role, { journal, isTarget = true, settings } = {}) => {
    const id = ++result.processes;
    const journalPath = join(journals, `${journal ?? id}.log`);
    const seed = random.below(2 ** 31);
    const options = { role, id, seed, path, journalPath, packageDirectory, keep, settings };
    const waiting = new Map();
    let state = 'starting';
    const child = startProcess('worker.mjs', options, (line) => {
      const [next, micros] = line.split(' ');
      state = next;
      waiting.get(state)?.();
      if (state === 'open') result.openings.push(Number(micros));
      if (state === 'opening' && isTarget) strike(worker, [...workers]);
    });
    const reached = (name) =>
      Promise.race([new Promise((resolve) => waiting.set(name, resolve)), child.ended]);
    const worker = { ...child, role, state: () => state, reached };
    if (isTarget) workers.add(worker);
    void child.ended.then(() => workers.delete(worker));
    return worker;
  };
  const finish = async (worker) => {
    await worker.end();
    judge(worker, await worker.ended);
  };
  const judge = ({ role, state }, { code, signal, wasKilled, isHung, errors }) => {
    // If a process hangs before it has begun to open the file, the machine is slow, so this does not count as a failure.
    if (code === 0 || (isHung && state() === 'starting')) return;
    if (isHung) result.failures.push({ kind: 'hung', role, state: state() });
    else if (wasKilled && signal === 'SIGKILL')
      result[state() === 'opening' ? 'killsWhileOpening' : 'killsOtherwise']++;
    else if (signal !== null) result.failures.push({ kind: 'crashed', role, state: state(), signal, errors });
    else result.failures.push({ kind: 'failed', role, state: state(), code, errors });
  };

  return {
    result,
    /**
     * Starts a process. `reached` of the process resolves when the process next reports the given state, or has ended.
     *
     * @param options.journal - Name of a journal that several processes continue. Default: one per process.
     * @param options.settings - Settings of the role.
     * @param options.isTarget - Whether the process may be killed. Default true.
     */
    start,
    /** Requests the end of a process and records its outcome. */
    finish,
    /** Whether the file counts as damaged. The round then ends, because it would only repeat the same failures. */
    isDamaged: () => result.failures.length >= FAILURES,
    /** Runs a process until it ends, or until `over` resolves. The options are those of `start`. */
    async run(role, over, options) {
      const worker = start(role, options);
      await Promise.race([worker.ended, over]);
      await finish(worker);
    },
  };
}
