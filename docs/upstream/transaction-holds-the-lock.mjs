// An asynchronous transaction holds the lock of writers until the event loop of its process runs the callback. While
// that process computes, no other process can write. If it fails or exits meanwhile, it never ends, and no other process
// can ever write again.
//
//     node transaction-holds-the-lock.mjs
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';

const openEnv = (path) => open({ path, overlappingSync: false, encoding: 'json' });
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function compute(milliseconds) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end);
}

const method = (env, name) => env[name](() => env.put('a', 1));

const roles = {
  async computes(path, name) {
    const env = openEnv(path);
    const done = method(env, name);
    await sleep(0); // the transaction has begun
    process.send('begun');
    compute(3000);
    await done;
    await env.close();
    process.disconnect();
  },
  async throws(path, name) {
    const env = openEnv(path);
    method(env, name);
    process.send('begun');
    setImmediate(() => {
      compute(50); // the transaction has begun, its callback waits for this loop
      throw new Error('a fault of the application');
    });
  },
  async exits(path, name) {
    const env = openEnv(path);
    method(env, name);
    process.send('begun');
    setImmediate(() => {
      compute(50);
      process.exit(3);
    });
  },
};

async function attempt(role, name) {
  const directory = mkdtempSync(join(tmpdir(), 'lmdb-'));
  const path = join(directory, 'data.mdb');
  const env = openEnv(path);
  await env.put('other', 0);

  const child = fork(fileURLToPath(import.meta.url), [role, path, name], {
    stdio: 'ignore',
    serialization: 'json',
  });
  const exit = once(child, 'exit').then(([code, signal]) => `ends with ${signal ?? code}`);
  await once(child, 'message');
  await sleep(100);
  const start = Date.now();
  const put = env.put('other', 1).then(() => `took ${Date.now() - start} ms`);
  const late = sleep(8000);
  const outcome = await Promise.race([put, late.then(() => 'still waits after 8000 ms')]);
  const end = await Promise.race([exit, late.then(() => 'has not ended after 8000 ms')]);
  console.log(`${name}, the process ${role}: it ${end}; a put of another process ${outcome}`);

  child.kill('SIGKILL');
  await put;
  await env.close();
  rmSync(directory, { recursive: true });
}

const [, , role, ...rest] = process.argv;
if (roles[role]) await roles[role](...rest);
else
  for (const name of ['transaction', 'childTransaction'])
    for (const each of Object.keys(roles)) await attempt(each, name);
