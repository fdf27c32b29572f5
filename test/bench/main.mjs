// Runs the benchmarks and prints their figures. Needs a build, which `npm run bench` creates.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { program } from 'commander';
import { inChild } from './in-child.mjs';
import { judge } from './judge.mjs';
import { machine } from './machine.mjs';
import { scenarios } from './scenarios.mjs';
import { table } from './table.mjs';

const { only, quick, json, peers, ...options } = program
  .name('bench')
  .option('--only <pattern>', 'only scenarios whose name matches')
  .option('--quick', 'small sizes, in seconds: shows that it works, not how fast it is', false)
  .option('--peers', 'also what a user would pick instead', false)
  .option('--rounds <count>', 'rounds of each measurement, taken in turn; default 5, or 1 if quick', Number)
  .option('--json <file>', 'where to write the figures', 'build/bench.json')
  .parse()
  .opts();

const named = ({ name }) => only === undefined || new RegExp(`^(${only})`).test(name);
const wanted = ({ optional = false, name }) => !optional || only !== undefined || (name === 'peers' && peers);
const chosen = scenarios.filter((scenario) => named(scenario) && wanted(scenario));
if (chosen.length === 0)
  program.error(`--only: expected one of ${scenarios.map(({ name }) => name).join(', ')}`);

const directory = mkdtempSync(join(tmpdir(), 'rx-watcher-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const rounds = options.rounds ?? (quick ? 1 : 5);
const figures = [];
mkdirSync(dirname(json), { recursive: true });

/** Saves the figures after each scenario, so that an interrupted run keeps its results. */
function save() {
  const run = { machine: machine(directory), date: new Date(), quick, rounds, figures };
  writeFileSync(json, `${JSON.stringify(run, null, 2)}\n`);
}

for (const { name, targets } of chosen) {
  process.stderr.write(`${name} …\n`);
  const own = join(directory, name);
  const measured = await inChild('run-scenario.mjs', name, own, rounds, quick ? 'quick' : 'full');
  for (const figure of measured) figures.push({ scenario: name, ...judge(figure, targets[figure.name]) });
  save();
  rmSync(own, { recursive: true, force: true });
}

process.stdout.write(`${table(figures)}\n`);
