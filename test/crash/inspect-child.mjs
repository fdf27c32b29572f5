/**
 * Opens a file with LMDB, without the checks of the library. A crash of LMDB thus ends this process, and not the test. `read`
 * prints a digest of the content, then writes one value. `write` commits changes for a number of milliseconds.
 *
 *     node inspect-child.mjs read|write <path> <tables, in JSON> [<milliseconds>]
 */
import { createHash } from 'node:crypto';
import { open } from 'lmdb';

const [action, path, tablesJson, milliseconds] = process.argv.slice(2);

const env = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false });
const tables = JSON.parse(tablesJson).map((options) => env.openDB({ encoding: 'binary', ...options }));

function digest() {
  const hash = createHash('sha256');
  for (const table of tables) {
    for (const { key, value } of table.getRange()) hash.update(`${key}:`).update(value);
  }
  return hash.digest('hex');
}

async function read() {
  console.log(digest());
  await tables[0].put(1, Buffer.from('new value'));
}

function write() {
  const end = performance.now() + Number(milliseconds);
  for (let n = 0; performance.now() < end; n++) {
    env.transactionSync(() => {
      for (let i = 0; i < 20; i++) tables[0].putSync(i, Buffer.alloc((n * i * 977) % 30_000, n));
      for (let i = 20; --i >= n % 20; ) tables[0].removeSync(i);
    });
  }
}

await (action === 'read' ? read() : write());
await env.close();
