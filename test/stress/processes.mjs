// Runs processes that open, use and close one LMDB file, and kills some on request. Checks that no acknowledged write is
// lost and that no sequence number is assigned twice. Needs a build: `npm run stress:processes -- --minutes 5 --seed 1`.
import { Option } from 'commander';
import { stressCommand } from './command.mjs';
import { createRandom } from './random.mjs';
import { report } from './report.mjs';
import { ROLES, runRound } from './round.mjs';

/** Time for which one file is used, in seconds. */
const ROUND = 30;

const {
  minutes,
  seed,
  dir: parent,
  openings,
  events,
  package: packageDirectory,
  json: asJson,
  ...settings
} = stressCommand('stress:processes', Date.now() % 1_000_000)
  .option('--minutes <number>', 'minimum duration', Number, 1)
  .option('--openings <number>', 'minimum number of openings', Number, 0)
  .option('--events <number>', 'minimum number of acknowledged events', Number, 0)
  .option('--processes <number>', 'number of processes at a time', Number, 5)
  .option('--keep <number>', 'number of events that garbage collection keeps', Number, 30_000)
  .addOption(
    new Option('--kills <which>', 'process to kill while one opens the file').choices([
      'newcomer',
      'holder',
      'both',
    ]),
  )
  .option('--roles <names...>', 'roles of the processes', ROLES)
  .parse()
  .opts();

const random = createRandom(seed);
const rounds = [];
const started = performance.now();
const secondsLeft = () => minutes * 60 - (performance.now() - started) / 1000;
const total = (count) => rounds.reduce((sum, round) => sum + count(round), 0);
const isEnough = () =>
  secondsLeft() <= 0 &&
  total((round) => round.openings.length) >= openings &&
  total((round) => round.acknowledged) >= events;

do {
  const left = secondsLeft();
  const seconds = left > 0 && left < 1.5 * ROUND ? left : ROUND;
  rounds.push(await runRound({ parent, packageDirectory, random, seconds, ...settings }));
} while (!isEnough());

report(rounds, { seed, started, asJson });
