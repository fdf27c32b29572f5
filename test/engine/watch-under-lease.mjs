// Runs watcher `w` under a lease until its input ends, and tells its states and the events that it begins with. Each
// event takes until a line of input comes, or, if it is told to, a turn of the event loop. What it does it also notes in
// a file that all write to: `<owner> begin <seqNum>`, `<owner> end <seqNum>`.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { distinctUntilChanged, map } from 'rxjs';
import { createManager } from '../../dist/index.js';
import { openJetStreamStore } from '../../dist/jetstream.js';
import { openLmdbStore } from '../../dist/lmdb.js';

const [options, notes, owner, duration, pace] = process.argv.slice(2);
const where = JSON.parse(options);
const tell = (line) => process.stdout.write(`${line}\n`);
const note = (line) => appendFileSync(notes, `${owner} ${line}\n`);
const input = createInterface(process.stdin);
const lines = input[Symbol.asyncIterator]();
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

const store = 'stream' in where ? await openJetStreamStore(where) : openLmdbStore(where);
const manager = createManager(store, { lease: { owner, duration: Number(duration) } });
const watcher = manager.create('w', {
  async handler({ seqNum }) {
    note(`begin ${seqNum}`);
    tell(`begin ${seqNum}`);
    await (pace === 'turns' ? nextTurn() : lines.next());
    note(`end ${seqNum}`);
  },
});
const told = ({ state, lastError }) => (lastError ? `${state} ${lastError.code}` : state);
watcher.stats$.pipe(map(told), distinctUntilChanged()).subscribe(tell);
watcher.start();
input.once('close', async () => {
  await manager.stop();
  await store.close();
});
