/**
 * Opens one file after another with LMDB. Reads each file completely, writes and frees values, and prints its path and an
 * outcome: `ok` or the error. A crash of LMDB ends this process.
 *
 *     node open-each.mjs <tables, in JSON> <path>...
 */
import { open } from 'lmdb';

const [tablesJson, ...paths] = process.argv.slice(2);
const VALUES = Array.from({ length: 40 }, (_, n) => n);

async function openOne(path) {
  const env = open({ path, noSubdir: true, noSync: true, eventTurnBatching: false });
  try {
    const tables = JSON.parse(tablesJson).map((options) => env.openDB({ encoding: 'binary', ...options }));
    for (const table of tables) for (const _ of table.getRange());
    env.transactionSync(() => {
      for (const n of VALUES) tables[0].putSync(n, Buffer.alloc(300));
    });
    env.transactionSync(() => {
      for (const n of VALUES) tables[0].removeSync(n);
    });
    await tables[0].put(1, Buffer.alloc(5000));
  } finally {
    await env.close();
  }
}

for (const path of paths) {
  const outcome = await openOne(path).catch(({ message }) => message);
  console.log(path, outcome ?? 'ok');
}
