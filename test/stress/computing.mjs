// Runs a process that blocks its event loop for some seconds, next to a process that appends. The second process must append
// without delay and keep its leases. Needs a build: `npm run stress:computing -- --seconds 8`.
import { setTimeout as wait } from 'node:timers/promises';
import { stressCommand } from './command.mjs';
import { createRandom } from './random.mjs';
import { report } from './report.mjs';
import { withFile } from './round.mjs';

/** Time for which both processes work after the computation, in milliseconds. */
const MARGIN = 500;

const {
  seconds,
  latency,
  seed,
  dir: parent,
  package: packageDirectory,
  json: asJson,
} = stressCommand('stress:computing')
  .option('--seconds <number>', 'duration of the computation', Number, 8)
  .option('--latency <milliseconds>', 'maximum 99th percentile of appends', Number, 100)
  .parse()
  .opts();

/** The lease duration is shorter than the computation, so that a process that cannot renew its lease loses it. */
const settings = { seconds, lease: seconds * 600 };

const started = performance.now();
const result = await withFile({ parent, packageDirectory, random: createRandom(seed) }, async (fleet) => {
  const pace = fleet.start('pace', { settings });
  await pace.reached('leased');
  const compute = fleet.start('compute', { settings });
  await compute.reached('computed');
  await wait(MARGIN);
  await fleet.finish(compute);
  await fleet.finish(pace);
});
const { appendTime } = report([result], { seed, started, asJson });
if (appendTime === undefined || appendTime.p99 > latency) process.exitCode = 1;
