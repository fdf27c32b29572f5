// An opening that fails after the data file was opened crashes the process instead of throwing an error.
//
//     node failed-opening-crashes.mjs
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';

const openEnv = (path) => open({ path, noSubdir: true, overlappingSync: false });

function overwrite(path, bytes, position) {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.from(bytes), 0, bytes.length, position);
  closeSync(fd);
}

const cases = {
  'a text file': (path) => writeFileSync(path, 'not a database\n'),
  'a file of zeros': (path) => writeFileSync(path, Buffer.alloc(8192)),
  'another data version': (path) => overwrite(path, [1], 28),
  'a last page of 2^40': (path) => {
    for (const page of [0, 4096]) overwrite(path, [0, 0, 0, 0, 0, 1], page + 144);
  },
  'a page size of 0': (path) => overwrite(path, [0, 0], 48),
  'a directory in place of the lock file': (path) => mkdirSync(`${path}-lock`),
  'a dangling link in place of the lock file': (path) => symlinkSync('/nowhere/lock', `${path}-lock`),
};

if (process.argv[2] === 'open') {
  try {
    await openEnv(process.argv[3]).close();
    console.log('opened');
  } catch (error) {
    console.log(`error: ${error.message}`);
  }
} else {
  const directory = mkdtempSync(join(tmpdir(), 'lmdb-'));
  const healthy = join(directory, 'healthy');
  const env = openEnv(healthy);
  await env.put('key', 'value');
  await env.close();
  const attempt = (name, path) => {
    const args = [fileURLToPath(import.meta.url), 'open', path];
    const { status, signal, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    console.log(`${name}: ${stdout.trim() || `exit ${signal ?? status}`}`);
  };
  Object.entries(cases).forEach(([name, prepare], index) => {
    const path = join(directory, String(index));
    copyFileSync(healthy, path);
    prepare(path);
    attempt(name, path);
  });
  const long = join(directory, 'x'.repeat(252));
  copyFileSync(healthy, long);
  attempt('a file name of 252 characters (its lock file would have 257)', long);
  rmSync(directory, { recursive: true });
}
