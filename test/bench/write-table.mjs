// Writes the figures of a run into a part of docs/benchmarks.md: `npm run bench:docs` after `npm run bench`. For another run and
// part: `npm run bench:docs -- build/peers.json peers`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HEAD, shown } from './shown.mjs';

const root = new URL('../../', import.meta.url);
const [source = fileURLToPath(new URL('build/bench.json', root)), part = 'figures'] = process.argv.slice(2);
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
const [begin, end] = [`<!-- ${part} -->\n`, `<!-- end of ${part} -->`];
const between = new RegExp(`${begin}[\\s\\S]*${end}`);
const text = readFileSync(page, 'utf8');
if (!between.test(text)) throw new Error(`docs/benchmarks.md has no part '${part}'`);
writeFileSync(
  page,
  text.replace(between, () => `${begin}${lines.join('\n')}\n${end}`),
);
