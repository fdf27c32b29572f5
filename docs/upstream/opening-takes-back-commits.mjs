// A writer puts keys 1, 2, 3, ... and reports each key that was acknowledged. Another process opens and closes the same
// file in a loop and never writes a value. Acknowledged keys get lost, or the writer fails or crashes.
//
//     node opening-takes-back-commits.mjs [openings, default 1000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';

const openEnv = (path) => open({ path, overlappingSync: false, encoding: 'json' });
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const roles = {
  async write(path) {
    let isDone = false;
    process.on('message', () => (isDone = true));
    const env = openEnv(path);
    for (let key = 1; !isDone; key++) {
      await env.put(key, 'x'.repeat(200));
      process.send(key);
    }
    await env.close();
    process.disconnect();
  },
  async open(path, openings) {
    for (let n = 0; n < Number(openings); n++) {
      const env = openEnv(path);
      await sleep(Math.random() * 4);
      await env.close();
    }
    process.disconnect();
  },
};

async function main(openings = '1000') {
  const directory = mkdtempSync(join(tmpdir(), 'lmdb-'));
  const path = join(directory, 'data.mdb');
  const start = (role) => fork(fileURLToPath(import.meta.url), [role, path, openings]);

  let acknowledged = 0;
  const writer = start('write');
  const writerEnds = once(writer, 'exit');
  const first = once(writer, 'message');
  writer.on('message', (key) => (acknowledged = key));
  await first;

  const opener = start('open');
  await Promise.race([once(opener, 'exit'), writerEnds]);
  if (writer.connected) writer.send('done');
  const [code, signal] = await writerEnds;
  opener.kill();

  const env = openEnv(path);
  const keys = new Set(env.getKeys());
  let lost = 0;
  for (let key = 1; key <= acknowledged; key++) if (!keys.has(key)) lost++;
  console.log(`writer ended with ${signal ?? code}; ${lost} of ${acknowledged} acknowledged keys are lost`);
  await env.close();
  rmSync(directory, { recursive: true });
}

const [, , role, ...rest] = process.argv;
await (roles[role] ? roles[role](...rest) : main(role));
