// Shares the partitions of watcher `w` until its input ends. Prints the indices of its partitions after each change. An attempt
// ends in the next turn of the event loop, or at any line of input if `pace` is `lines`. The starts and ends of attempts are
// appended to a file that all processes share: `<owner> begin <seqNum>`, `<owner> end <seqNum>`.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { distinctUntilChanged, filter, firstValueFrom, map, Subject } from 'rxjs';
import { createManager } from '../../dist/index.js';
import { openJetStreamStore } from '../../dist/jetstream.js';
import { openLmdbStore } from '../../dist/lmdb.js';

const [options, notes, owner, duration, pace] = process.argv.slice(2);
const where = JSON.parse(options);
const print = (line) => process.stdout.write(`${line}\n`);
const note = (line) => appendFileSync(notes, `${owner} ${line}\n`);
const input = createInterface(process.stdin);
const lines$ = new Subject();
input.on('line', (line) => lines$.next(line));
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

const store = 'stream' in where ? await openJetStreamStore(where) : openLmdbStore(where);
const manager = createManager(store, { lease: { owner, duration: Number(duration) } });
const watcher = manager.create('w', {
  partitions: 4,
  async handler({ seqNum }) {
    note(`begin ${seqNum}`);
    print(`begin ${seqNum}`);
    await (pace === 'turns' ? nextTurn() : firstValueFrom(lines$));
    note(`end ${seqNum}`);
  },
});
const isHeld = ({ state }) => state === 'running' || state === 'stopping';
watcher.stats$
  .pipe(
    filter(({ partitions }) => partitions !== undefined),
    map(({ partitions }) => `owns [${partitions.filter(isHeld).map(({ index }) => index)}]`),
    distinctUntilChanged(),
  )
  .subscribe(print);
watcher.start();
input.once('close', async () => {
  await manager.stop();
  await store.close();
});
