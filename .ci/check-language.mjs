// Checks the wording of comments, docstrings, error messages, test titles and guides. CONTRIBUTING.md has the rules.
//
// node .ci/check-language.mjs [--count] [path…]: a path is a file or a folder of the project.
// Exit codes: 0 without findings, 1 with findings, 2 if a path is not valid.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { findingsOf } from './language/findings.mjs';

/** Folders and files of the project that are checked, with the extensions of the files in them. */
const CHECKED = {
  src: ['.ts', '.tsx', '.md'],
  test: ['.ts', '.mjs', '.md'],
  docs: ['.md', '.ts', '.mjs'],
  '.ci': ['.mjs'],
  'README.md': ['.md'],
  'CHANGELOG.md': ['.md'],
  'CONTRIBUTING.md': ['.md'],
};

/** Folders of generated or installed files. */
const SKIPPED = /(?:^|\/)(?:node_modules|docs\/api)(?:\/|$)/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'boolean', default: false } },
});

// A reader such as `head` closes the pipe when it has read enough.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});

const files = Object.entries(CHECKED).flatMap(([path, extensions]) =>
  filesUnder(path).filter((file) => extensions.includes(posix.extname(file))),
);
const findings = selectedFiles().flatMap((file) => findingsOf(file, readFileSync(file, 'utf8')));
process.stdout.write(values.count ? countTable() : findings.map(lineOf).join(''));
process.stdout.write(`\n${findings.length} findings\n`);
process.exitCode = findings.length > 0 ? 1 : 0;

function filesUnder(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || SKIPPED.test(path)) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(posix.join(path, name)));
}

function selectedFiles() {
  if (positionals.length === 0) return files;
  const selected = positionals.flatMap((path) => {
    const wanted = relative('.', path).split(sep).join('/');
    const found = files.filter((file) => wanted === '' || file === wanted || file.startsWith(`${wanted}/`));
    if (found.length === 0) {
      process.stderr.write(
        `path must be a file or folder of ${Object.keys(CHECKED).join(', ')}; received '${path}'\n`,
      );
      process.exit(2);
    }
    return found;
  });
  return [...new Set(selected)];
}

function lineOf({ path, line, found, advice }) {
  return `${path}:${line}: "${found}" : ${advice}\n`;
}

/** Returns the number of findings by folder and by rule. */
function countTable() {
  const folderOf = (path) => path.split('/').slice(0, -1).slice(0, 3).join('/') || path;
  return [countsBy('rule', ({ rule }) => rule), countsBy('folder', ({ path }) => folderOf(path))].join('\n');
}

function countsBy(title, keyOf) {
  const counts = new Map();
  for (const finding of findings) counts.set(keyOf(finding), (counts.get(keyOf(finding)) ?? 0) + 1);
  const rows = [...counts].sort(([, a], [, b]) => b - a);
  return `by ${title}\n${rows.map(([key, count]) => `${String(count).padStart(6)}  ${key}\n`).join('')}`;
}
