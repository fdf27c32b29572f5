// After LMDB failed to write a meta page, mdb_txn_begin returns MDB_PANIC for every write transaction. The result is
// ignored by EnvWrap::beginTxn of lmdb-js, and WriteWorker::Write keeps its lock. The program uses strace to make that
// write fail, as a broken disk does. On Linux x64, its third pwrite64 is the meta page of its first transaction.
//
// Run `node begin-after-fatal-error.mjs`. It needs strace and timeout.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';

const cases = {
  'a transaction': (env) => env.transactionSync(() => env.putSync('key', 2)),
  'a nested transaction': (env) =>
    env.transactionSync(() => env.transactionSync(() => env.putSync('key', 2))),
  'an asynchronous put': (env) => env.put('key', 2),
};

async function attempt(name, path) {
  const env = open({ path, overlappingSync: false, eventTurnBatching: false });
  try {
    env.transactionSync(() => env.putSync('key', 1));
  } catch (error) {
    console.log(`first transaction: ${error.message}`);
  }
  try {
    await cases[name](env);
    console.log(`${name}: ok`);
  } catch (error) {
    error.commitError?.catch(() => {});
    console.log(`${name}: ${error.message}`);
  }
}

const [, , name, path] = process.argv;
if (name !== undefined) await attempt(name, path);
else {
  const strace = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    'trace=pwrite64',
    '-e',
    'inject=pwrite64:error=EIO:when=3',
  ];
  for (const each of Object.keys(cases)) {
    const directory = mkdtempSync(join(tmpdir(), 'lmdb-'));
    const program = [
      'timeout',
      '-s',
      'KILL',
      '8',
      process.execPath,
      fileURLToPath(import.meta.url),
      each,
      join(directory, 'data.mdb'),
    ];
    const { status, signal, stdout } = spawnSync('strace', [...strace, ...program], { encoding: 'utf8' });
    const ends = { 13: 'never settles', SIGKILL: 'has not ended after 8 seconds' };
    console.log(`--- ${each}\n${stdout}${ends[signal ?? status] ?? `exit ${signal ?? status}`}`);
    rmSync(directory, { recursive: true });
  }
}
