// Writes the figures of a run into docs/benchmarks.md: `npm run bench:docs`, behind `npm run bench`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HEAD, shown } from './shown.mjs';

const root = new URL('../../', import.meta.url);
const [source = fileURLToPath(new URL('build/bench.json', root))] = process.argv.slice(2);
const page = new URL('docs/benchmarks.md', root);
const { machine, date, rounds, figures } = JSON.parse(readFileSync(source, 'utf8'));

const row = (cells) => `| ${cells.join(' | ')} |`;
const about = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
const lines = [
  `${date.slice(0, 10)}, ${rounds} rounds; ${about.join(', ')}.`,
  '',
  row(HEAD),
  row(HEAD.map(() => '---')),
  ...figures.map((figure) => row(shown(figure))),
];
const between = /(<!-- figures -->\n)[\s\S]*(<!-- end of figures -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(between, (_all, begin, end) => `${begin}${lines.join('\n')}\n${end}`),
);
