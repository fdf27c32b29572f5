// Checks the package as a user gets it: packed, and unpacked into a project with only the package and its declared
// dependencies.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { NODE_VERSIONS, nodeOf } from './node-versions.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Optional peers that each entry point needs. All other entry points must load without optional peers. */
const peersOf = {
  './jetstream': ['@nats-io/jetstream', '@nats-io/kv', '@nats-io/transport-node'],
  './lmdb': ['lmdb'],
  './opentelemetry': ['@opentelemetry/api'],
};

/** Maximum size of the files of the page together, compressed with gzip, in bytes. */
const MAX_PAGE_SIZE = 60_000;

/** Peers that every user of the package has installed. */
const requiredPeers = Object.keys(pkg.peerDependencies).filter(
  (name) => pkg.peerDependenciesMeta[name]?.optional !== true,
);

const temporary = mkdtempSync(join(tmpdir(), 'rx-watcher-package-'));
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));

const tarball = pack();
step('publint', () => run('publint', 'run', tarball, '--strict'));
step('are the types wrong', () =>
  run('attw', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-summary'),
);
step('every entry point loads in plain node', loadEveryEntryPoint);
step('a consumer type-checks', typeCheckConsumers);
step('the page of the inspector is small, and has no inline code', checkPage);
step('the command runs without optional packages', runCommand);
step('a program and the command work on each supported version of Node.js', runOnEachNode);

function step(name, work) {
  process.stdout.write(`\n# package: ${name}\n`);
  const fault = work();
  if (fault) {
    process.stdout.write(`failed: ${fault}\n`);
    process.exit(1);
  }
}

function bin(name) {
  return join(root, 'node_modules/.bin', name);
}

function run(command, ...args) {
  const { status } = spawnSync(bin(command), args, {
    cwd: root,
    stdio: 'inherit',
  });
  return status === 0 ? undefined : `${command} ended with ${status}`;
}

function pack() {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', temporary];
  const stdout = execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const file = join(temporary, basename(stdout.trim()));
  execFileSync('tar', ['-xzf', file, '-C', temporary]);
  return file;
}

/** Creates a project with the package, its dependencies, its required peers and the given packages of this repository. */
function project(name, ...others) {
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  cpSync(join(temporary, 'package'), join(folder, 'node_modules', pkg.name), { recursive: true });
  for (const dependency of new Set([...Object.keys(pkg.dependencies), ...requiredPeers, ...others])) {
    const link = join(folder, 'node_modules', dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', dependency), link);
  }
  return folder;
}

function entryPoints() {
  return Object.keys(pkg.exports).map((subpath) => ({
    specifier: pkg.name + subpath.slice(1),
    peers: peersOf[subpath] ?? [],
  }));
}

function loadEveryEntryPoint() {
  for (const [index, { specifier, peers }] of entryPoints().entries()) {
    const folder = project(`load-${index}`, ...peers);
    writeFileSync(
      join(folder, 'import.mjs'),
      `const names = Object.keys(await import('${specifier}'));
       if (names.length === 0) throw new Error('nothing is exported');
       console.log('import ${specifier}: ' + names.length + ' names');`,
    );
    writeFileSync(
      join(folder, 'require.cjs'),
      `require('${specifier}'); console.log('require ${specifier}: it loads');`,
    );
    for (const script of ['import.mjs', 'require.cjs']) {
      const { status } = spawnSync(process.execPath, [join(folder, script)], { stdio: 'inherit' });
      if (status !== 0) return `${specifier} (${script})`;
    }
  }
}

/**
 * Checks declarations too (no `skipLibCheck`), but ignores faults in the declarations of other packages.
 */
function typeCheckConsumers() {
  const folder = project('types', ...Object.keys(pkg.peerDependencies ?? {}), '@types/node');
  const lines = entryPoints().flatMap(({ specifier }, index) => [
    `import * as entry${index} from '${specifier}';`,
    `// @ts-expect-error A module is no number; it would pass for one if its types resolved to \`any\`.`,
    `export const number${index}: number = entry${index};`,
  ]);
  writeFileSync(join(folder, 'consumer.ts'), `${lines.join('\n')}\n`);
  const resolutions = {
    NodeNext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
    bundler: { module: 'ESNext', moduleResolution: 'bundler' },
  };
  for (const [name, resolution] of Object.entries(resolutions)) {
    const compilerOptions = {
      ...resolution,
      target: 'ES2023',
      lib: ['ES2023'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    const tsconfig = join(folder, `tsconfig.${name}.json`);
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const args = ['-p', tsconfig, '--pretty', 'false'];
    const { status, stdout } = spawnSync(bin('tsc'), args, { cwd: folder, encoding: 'utf8' });
    const elsewhere = new RegExp(`(^|/)node_modules/(?!${pkg.name}/)`);
    const faults = stdout
      .split('\n')
      .filter((line) => / error TS|^error TS/.test(line) && !elsewhere.test(line));
    if (faults.length > 0 || (status !== 0 && !stdout)) {
      process.stdout.write(`${faults.join('\n')}\n`);
      return `a consumer with the resolution of ${name}`;
    }
    process.stdout.write(`${name}: it does\n`);
  }
}

/** Checks the size of the page of the inspector, and that its Content-Security-Policy permits everything in it. */
function checkPage() {
  const folder = join(temporary, 'package/dist/inspector/page');
  const files = ['index.html', 'app.js', 'app.css', 'icon.svg'].map((name) =>
    readFileSync(join(folder, name)),
  );
  const size = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  process.stdout.write(`page: ${size} bytes, compressed\n`);
  if (size > MAX_PAGE_SIZE) return `the page must have at most ${MAX_PAGE_SIZE} bytes; it has ${size}`;
  if (/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|(?:src|href)="(?!\.\/)/.test(files[0].toString())) {
    return 'the page has inline code, or an address outside its folder';
  }
}

/** Runs the command without the packages of the engines: it must name them in one line. */
function runCommand() {
  const folder = project('command');
  writeFileSync(join(folder, 'events.lmdb'), '');
  const main = join(folder, 'node_modules', pkg.name, pkg.bin[pkg.name]);
  const calls = [
    { args: ['--version'], status: 0, stdout: `${pkg.version}\n`, stderr: '' },
    { args: ['tail', 'events.lmdb'], status: 1, stdout: '', stderr: /^.* run npm install lmdb\n$/ },
    {
      args: ['tail', 'nats://127.0.0.1:9/s'],
      status: 1,
      stdout: '',
      stderr: /^.* run npm install @nats-io.*\n$/,
    },
  ];
  for (const { args, ...expected } of calls) {
    const ended = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' });
    const isExpected =
      ended.status === expected.status &&
      ended.stdout === expected.stdout &&
      (typeof expected.stderr === 'string' ? ended.stderr === '' : expected.stderr.test(ended.stderr));
    if (!isExpected) return `rx-watcher ${args.join(' ')}: ${ended.stdout}${ended.stderr}`;
  }
}

/** Runs a program and the command on each supported version of Node.js. */
function runOnEachNode() {
  for (const version of NODE_VERSIONS) {
    const folder = project(`node-${version}`, ...peersOf['./lmdb']);
    cpSync(join(root, '.ci/smoke-test.mjs'), join(folder, 'smoke-test.mjs'));
    const main = join('node_modules', pkg.name, pkg.bin[pkg.name]);
    for (const args of [['smoke-test.mjs'], [main, 'info', 'events.lmdb', '--json']]) {
      const options = { cwd: folder, encoding: 'utf8', timeout: 60_000 };
      const { status, signal, stdout, stderr } = spawnSync(nodeOf(version), args, options);
      if (status !== 0)
        return `Node.js ${version}: ${args.join(' ')} ended with ${status ?? signal}: ${stdout}${stderr}`;
    }
    process.stdout.write(`Node.js ${version}: it does\n`);
  }
}
