// Measures the published suites: puts one fault after another into a copy of the library, runs the suites on it, and prints
// the first test that fails (`npm run mutants`). Exits with 1 if no test fails for a fault.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { faults } from './faults.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'rx-watcher-mutants-'));
const AT_A_TIME = 2;
/** Maximum duration of a run, in milliseconds. A test that blocks the event loop never times out by itself. */
const PATIENCE = 60_000;
/** Tests of the event context on JetStream. The published suites take too long on JetStream. */
const contextTests = ['ids', 'context-format', 'context-round-trip'].map(
  (name) => `test/engine/jetstream/append/${name}.test.ts`,
);
/** Tests of the event context that need the tables of LMDB, for example tests of rows that remain after a trim. */
const lmdbContextTests = ['chunks/chunk-matcher', 'tables/id-index', 'append/duplicate-id'].map(
  (name) => `test/engine/lmdb/${name}.test.ts`,
);
const telemetryTests = [
  'append-channel',
  'handle-channel',
  'instrument-metrics',
  'instrument-traces',
  'prometheus-metrics',
  'transaction-appends',
].map((name) => `test/telemetry/${name}.test.ts`);
const suites = [
  {
    files: ['memory-store', 'memory-log'].map((name) => `test/conformance/${name}.test.ts`),
    engine: 'memory',
  },
  {
    files: ['lmdb-path-store', 'lmdb-log'].map((name) => `test/conformance/${name}.test.ts`),
    engine: 'lmdb',
  },
  { files: lmdbContextTests, engine: 'lmdb' },
  { files: contextTests, engine: 'jetstream' },
  { files: telemetryTests, engine: 'none' },
];

/** Returns whether a fault is in the telemetry, which the suites of engines do not test. */
const isTelemetry = (file) => file.startsWith('src/telemetry/') || file.endsWith('-channel.ts');

/** Returns the suites that can detect a fault. The suite of one engine cannot detect a fault in another engine. */
const suitesFor = ({ file }) =>
  suites.filter(({ engine }) => {
    if (isTelemetry(file)) return engine === 'none';
    const [, faulty] = file.match(/^src\/engine\/(memory|lmdb|jetstream)\//) ?? [];
    if (faulty !== undefined) return engine === faulty;
    // The tests of telemetry also detect faults in the handling of events, which they observe through a tracing channel.
    if (engine === 'none') return file.startsWith('src/handling/');
    return engine !== 'jetstream';
  });

/** Creates a copy of the parts of the repository that the suites need. */
function makeCopy(name) {
  const copy = join(temporary, name);
  for (const path of ['package.json', 'tsconfig.json', 'src', 'test']) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Runs a suite in a copy and returns the first test that fails or hangs; `undefined` if no test does. */
async function runSuite(copy, { files }) {
  const [report, atWork] = ['report.json', 'test-at-work'].map((name) => join(copy, name));
  for (const path of [report, atWork]) writeFileSync(path, '');
  const options = ['--config', 'test/mutants/vitest.config.ts', '--reporter', 'json', '--outputFile', report];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...options, ...files], {
    cwd: copy,
    env: { ...process.env, RX_WATCHER_TEST_AT_WORK: atWork },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // a separate process group, which can be ended together
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    process.kill(-child.pid, 'SIGKILL');
  }, PATIENCE);
  const status = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  if (hung) return { test: `${readFileSync(atWork, 'utf8')} (hangs)` };
  const text = readFileSync(report, 'utf8');
  if (text === '') throw new Error(`${files} could not be run:\n${complaint}`);
  const tests = JSON.parse(text).testResults.flatMap(({ assertionResults }) => assertionResults);
  if (tests.length === 0) throw new Error(`${files} has no tests:\n${text}`);
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed !== undefined) return { test: failed.fullName };
  // After a failure outside of all tests, there is no name of a test that detects the fault.
  return { survived: status === 0 ? 'nothing' : 'no test, but the run failed' };
}

/** Puts a fault into a copy, runs the suites, and removes the fault. */
async function judge(copy, fault) {
  const path = join(copy, fault.file);
  const source = readFileSync(path, 'utf8');
  const found = source.split(fault.find).length - 1;
  if (found !== 1) return { survived: `not tried: what is to be found occurs ${found} times` };
  writeFileSync(
    path,
    source.replace(fault.find, () => fault.replace),
  );
  try {
    let verdict = { survived: 'nothing' };
    for (const suite of suitesFor(fault)) {
      verdict = await runSuite(copy, suite);
      if (verdict.test !== undefined) break;
    }
    return verdict;
  } finally {
    writeFileSync(path, source);
  }
}

const only = process.argv.slice(2);
const chosen = faults.filter(
  ({ name, file }) => only.length === 0 || only.some((part) => `${file}: ${name}`.includes(part)),
);
const verdicts = [];
try {
  const copies = Array.from({ length: AT_A_TIME }, (_, index) => makeCopy(`copy-${index}`));
  // The suites must pass without a fault. Otherwise a failure would not prove that they detect the fault.
  for (const suite of suites) {
    const { test } = await runSuite(copies[0], suite);
    if (test !== undefined) throw new Error(`fails without a fault: ${test}`);
  }
  const left = [...chosen.entries()];
  const work = async (copy) => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, fault] = next;
      verdicts[index] = await judge(copy, fault);
    }
  };
  await Promise.all(copies.map(work));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

const table = new Table({ head: ['fault', 'caught by'], colWidths: [48, 100], wordWrap: true });
for (const [index, { name, file }] of chosen.entries()) {
  const { test, survived } = verdicts[index];
  table.push([`${name}\n${file}`, test ?? survived.toUpperCase()]);
}
const caught = verdicts.filter(({ test }) => test !== undefined).length;
process.stdout.write(`${table.toString()}\n${caught} of ${chosen.length} faults caught\n`);
if (caught < chosen.length) process.exitCode = 1;
