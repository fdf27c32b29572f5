/**
 * Opens a file with LMDB and writes to the file: immediately, or after the file was checked and prepared. Prints `opened`,
 * or the name and message of the error.
 *
 *     node open-prepared.mjs plain|prepared <path> [<free file descriptors>]
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { open } from 'lmdb';
import { checkLmdbFile, prepareLmdbFile } from '../../dist/engine/lmdb/open/prepare-lmdb-file.js';

const [mode, path, free] = process.argv.slice(2);

/** Id of the user `nobody`, which owns no files. */
const NOBODY = 65_534;

/**
 * Gives up the rights of the superuser, which ignore file permissions. Call this function after the imports, because another
 * user may not be able to read the checkout.
 */
function leaveSuperuser() {
  if (process.getuid() !== 0) return;
  process.setgroups([]);
  process.setgid(NOBODY);
  process.setuid(NOBODY);
}

/** Leaves only `count` free file descriptors. */
function leaveDescriptors(count) {
  const opened = [];
  try {
    for (;;) opened.push(openSync(devNull));
  } catch {
    for (const fd of opened.slice(-count)) closeSync(fd);
  }
}

leaveSuperuser();
try {
  console.error('begins'); // opens standard error while file descriptors are left
  if (free !== undefined) leaveDescriptors(Number(free));
  if (mode === 'prepared') {
    checkLmdbFile(path);
    prepareLmdbFile(path, 0o600);
  }
  const env = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false });
  await env.put('key', 'value');
  await env.close();
  console.log('opened');
} catch ({ name, message }) {
  console.log(`${name}: ${message}`);
}
