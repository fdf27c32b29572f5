// Runs watcher `w` under a lease until its input ends. Prints its states and the starts of its attempts. An attempt ends at
// the next line of input, or in the next turn of the event loop if `pace` is `turns`. The starts and ends are also appended
// to a file that all processes share: `<owner> begin <seqNum>`, `<owner> end <seqNum>`.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { distinctUntilChanged, map } from 'rxjs';
import { createManager } from '../../dist/index.js';
import { openJetStreamStore } from '../../dist/jetstream.js';
import { openLmdbStore } from '../../dist/lmdb.js';

const [options, notes, owner, duration, pace] = process.argv.slice(2);
const where = JSON.parse(options);
const print = (line) => process.stdout.write(`${line}\n`);
const note = (line) => appendFileSync(notes, `${owner} ${line}\n`);
const input = createInterface(process.stdin);
const lines = input[Symbol.asyncIterator]();
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

const store = 'stream' in where ? await openJetStreamStore(where) : openLmdbStore(where);
const manager = createManager(store, { lease: { owner, duration: Number(duration) } });
const watcher = manager.create('w', {
  async handler({ seqNum }) {
    note(`begin ${seqNum}`);
    print(`begin ${seqNum}`);
    await (pace === 'turns' ? nextTurn() : lines.next());
    note(`end ${seqNum}`);
  },
});
const lineOf = ({ state, lastError }) => (lastError ? `${state} ${lastError.code}` : state);
watcher.stats$.pipe(map(lineOf), distinctUntilChanged()).subscribe(print);
watcher.start();
input.once('close', async () => {
  await manager.stop();
  await store.close();
});
