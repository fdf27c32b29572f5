// Suspends processes by SIGSTOP in the middle of their writes and resumes them. Every write must be reported correctly as
// stored or not stored, and the store must work afterwards. Needs a build: `npm run stress:paused -- --seconds 70`.
import { setTimeout as wait } from 'node:timers/promises';
import { stressCommand } from './command.mjs';
import { createRandom } from './random.mjs';
import { report } from './report.mjs';
import { withFile } from './round.mjs';

/** Roles of the processes that are paused together. */
const PAUSED = ['stay', 'transact', 'watch', 'collect'];

/** Role of the process that is not paused. */
const OTHER = 'put';

/** Time for which all processes work before and after the pause, in milliseconds. */
const MARGIN = 1000;

const {
  seconds,
  seed,
  dir: parent,
  package: packageDirectory,
  json: asJson,
} = stressCommand('stress:paused')
  .option('--seconds <number>', 'duration of the pause', Number, 70)
  .parse()
  .opts();

const started = performance.now();
const settings = { parent, packageDirectory, keep: 100_000, random: createRandom(seed) };
const result = await withFile(settings, async (fleet) => {
  const workers = [];
  // Start the processes one after another, because another script tests openings during writes.
  for (const role of [OTHER, ...PAUSED]) {
    const worker = fleet.start(role);
    await worker.reached('open');
    workers.push(worker);
  }
  const paused = workers.slice(1);
  await wait(MARGIN);
  for (const worker of paused) worker.signal('SIGSTOP');
  await wait(seconds * 1000);
  for (const worker of paused) worker.signal('SIGCONT');
  await wait(MARGIN);
  await Promise.all(workers.map(fleet.finish));
});
report([result], { seed, started, asJson });
