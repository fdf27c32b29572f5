// Runs processes that fail or exit while writes of one kind are pending, next to a process that appends. Each failing process
// must end with its exit code, and the appends must continue. Needs a build: `npm run stress:failing`.
import { setTimeout as wait } from 'node:timers/promises';
import { Option } from 'commander';
import { stressCommand } from './command.mjs';
import { createRandom } from './random.mjs';
import { milliseconds } from './report.mjs';
import { withFile } from './round.mjs';

const WRITES = ['append', 'transaction', 'checkpoint', 'garbage'];

/** Exit codes by kind of failure. */
const CODES = { exception: 1, rejection: 1, exit: 7 };
const FAILURES = Object.keys(CODES);

/** Time for which the other process appends after the failure, in milliseconds. */
const MARGIN = 300;

const {
  write: writes,
  failure: failures,
  deadline,
  seed,
  dir: parent,
  package: packageDirectory,
  json: asJson,
} = stressCommand('stress:failing')
  .addOption(new Option('--write <kinds...>', 'pending writes').choices(WRITES).default(WRITES))
  .addOption(new Option('--failure <kinds...>', 'kinds of failure').choices(FAILURES).default(FAILURES))
  .option(
    '--deadline <milliseconds>',
    'maximum time from the failure to the end of the process',
    Number,
    1000,
  )
  .parse()
  .opts();

/** Waits until a process fails, and returns its exit code or signal and the time it took to end. */
async function endOf(failing) {
  await failing.reached('failing');
  const started = performance.now();
  await Promise.race([failing.ended, wait(deadline, undefined, { ref: false })]);
  const took = Math.round(performance.now() - started);
  failing.kill();
  const { code, signal, errors } = await failing.ended;
  return { took, code: code ?? signal, errors };
}

async function failDuring(write, failure) {
  let end;
  const settings = { parent, packageDirectory, random: createRandom(seed) };
  const { faults, latencies, messages } = await withFile(settings, async (fleet) => {
    // The failing process opens the file before another process appends, because another script tests openings during appends.
    const failing = fleet.start('fail', { settings: { write, failure } });
    await failing.reached('ready');
    const other = fleet.start('pace', { settings: { lease: 60_000 } });
    end = await endOf(failing);
    await wait(MARGIN);
    await fleet.finish(other);
  });
  const hasFault = Object.values(faults).some((count) => count > 0);
  const passed = end.code === CODES[failure] && !hasFault;
  const { code, took, errors } = end;
  const details = passed ? {} : { faults, messages, errors };
  return { passed, write, failure, code, took, appendTime: milliseconds(latencies), ...details };
}

const results = [];
for (const write of writes) {
  for (const failure of failures) {
    const result = await failDuring(write, failure);
    results.push(result);
    if (!asJson) process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}
if (asJson) process.stdout.write(`${JSON.stringify(results)}\n`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
