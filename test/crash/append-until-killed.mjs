// Appends events from several concurrent writers, as single events and as batches of three, until the process is killed.
// Prints a line for each acknowledged event, `<seqNum> <id>`, and for each checkpoint, `checkpoint <seqNum>`.
import { writeSync } from 'node:fs';
import { openLmdbStore } from '../../dist/lmdb.js';

const [path, run] = process.argv.slice(2);
const store = openLmdbStore({ path });
const print = (line) => writeSync(1, `${line}\n`);
const request = (id) => ({ operation: 'CREATE', objectType: 'Line', object: { id, text: 'x'.repeat(300) } });

async function single(writer) {
  for (let n = 0; ; n++) {
    const { seqNum, object } = await store.storeEvent(request(`${run}.${writer}.${n}`));
    print(`${seqNum} ${object.id}`);
  }
}

async function batches(writer) {
  for (let n = 0; ; n++) {
    const ids = [1, 2, 3].map((part) => `${run}.${writer}.${n}.part${part}`);
    for (const { seqNum, object } of await store.storeEvents(ids.map(request)))
      print(`${seqNum} ${object.id}`);
  }
}

async function checkpoints() {
  for (let n = 0; ; n++) {
    const seqNum = Number(run) * 1_000_000 + n;
    await store.storeCheckpoint('w', seqNum);
    print(`checkpoint ${seqNum}`);
  }
}

await Promise.all([single('a'), single('b'), single('c'), single('d'), batches('e'), checkpoints()]);
