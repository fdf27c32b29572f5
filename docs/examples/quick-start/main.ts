/**
 * Quick start: a process that stores events in a log, and a watcher that handles them.
 *
 *     npm run quick-start [-- FILE]
 *
 * Press Ctrl-C, or kill the process, and run it again. The events are still there, and both the sequence numbers and the
 * watcher continue.
 */
import { createManager, type Event } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { concatMap, firstValueFrom, timer } from 'rxjs';

/** An event is a change of an object. The log of this example holds jobs. */
type JobEvent = Event<{ readonly id: string; readonly createdBy: number }, 'Job'>;

// A store is a log in one file. It is created on the first run.
const path = process.argv[2] ?? '.rx-watcher-demo/quick-start.lmdb';
const store = openLmdbStore<JobEvent>({ path, createDirectories: true });
const latest = await firstValueFrom(store.getLatestSeqNum());
console.log(`opened ${path} with ${latest} events; press Ctrl-C to stop`);

// A watcher calls its handler for each event, in order. After the handler it stores its checkpoint under the id
// 'printer', and the next run continues after the checkpoint.
const manager = createManager(store);
manager.create('printer', {
  filter: { objectTypes: ['Job'], operations: ['CREATE'] },
  handler: ({ seqNum, object }) => {
    console.log(`handled  ${seqNum}: job ${object.id} of process ${object.createdBy}`);
  },
  autoStart: true,
});

// Append an event every half second. The Promise of storeEvent resolves when the event is on the disk.
const createJob = () =>
  store.storeEvent({
    operation: 'CREATE',
    objectType: 'Job',
    object: { id: crypto.randomUUID().slice(0, 8), createdBy: process.pid },
  });
const appending = timer(0, 500)
  .pipe(concatMap(createJob))
  .subscribe(({ seqNum }) => console.log(`appended ${seqNum}`));

let isStopping = false;

/** Stops appending, lets the current handler finish, and closes the file. The process then exits by itself. */
async function stop(): Promise<void> {
  if (isStopping) return; // npm sends Ctrl-C to the process a second time
  isStopping = true;
  appending.unsubscribe();
  await manager.stop();
  await store.close();
  console.log('stopped; run the same command again to continue');
}

process.on('SIGINT', stop);
process.on('SIGTERM', stop);
