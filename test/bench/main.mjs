// Measures what the library exists for. Needs a build: `npm run bench`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { program } from 'commander';
import { judge } from './judge.mjs';
import { machine } from './machine.mjs';
import { scenarios } from './scenarios.mjs';
import { table } from './table.mjs';

const { only, quick, json } = program
  .name('bench')
  .option('--only <pattern>', 'only scenarios whose name matches')
  .option('--quick', 'small sizes, in seconds: shows that it works, not how fast it is', false)
  .option('--json <file>', 'where to write the figures', 'build/bench.json')
  .parse()
  .opts();

const chosen = scenarios.filter(({ name }) => only === undefined || new RegExp(only).test(name));
if (chosen.length === 0)
  program.error(`--only: expected one of ${scenarios.map(({ name }) => name).join(', ')}`);

const directory = mkdtempSync(join(tmpdir(), 'rx-watcher-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const context = { rounds: quick ? 1 : 5, size: (full, small) => (quick ? small : full) };
const figures = [];
for (const { name, run, targets } of chosen) {
  process.stderr.write(`${name} …\n`);
  const own = join(directory, name);
  const judged = (await run({ ...context, directory: own })).map((figure) =>
    judge(figure, targets[figure.name]),
  );
  figures.push(...judged.map((figure) => ({ scenario: name, ...figure })));
  rmSync(own, { recursive: true, force: true });
}

process.stdout.write(`${table(figures)}\n`);
mkdirSync(dirname(json), { recursive: true });
writeFileSync(
  json,
  `${JSON.stringify({ machine: machine(directory), date: new Date(), quick, figures }, null, 2)}\n`,
);
