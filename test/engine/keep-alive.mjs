// Opens a store and sets up a scenario. Prints `alive` if the process still runs 300 ms later, and `over` when nothing keeps
// the process alive.
import { BehaviorSubject } from 'rxjs';
import { createManager, latest, watch } from '../../dist/index.js';
import { openLmdbStore } from '../../dist/lmdb.js';
import { createMemoryStore } from '../../dist/memory.js';

const [scenario, given] = process.argv.slice(2);
process.removeAllListeners('warning'); // Node.js would print each warning on stderr
const options = JSON.parse(given);
const store = 'path' in options ? openLmdbStore(options) : createMemoryStore(options);
const handler = () => undefined;
const start = (lease) => createManager(store, { lease }).create('w', { handler, autoStart: true });
const started = (watcher) => new Promise((resolve) => watcher.caughtUp$.subscribe(resolve));
const lease = { duration: 3000, owner: 'this' };

const scenarios = {
  'a live events()': () => store.events(latest()).subscribe(),
  'a live headers()': () => store.headers(latest()).subscribe(),
  'a watch()': () => watch(store, 'w', { handler }).subscribe(),
  'a started watcher': () => start(),
  'a standby': async () => {
    await store.internals.leases.store('w', { owner: 'another', token: 1 }, 0);
    start({ ...lease, duration: 60_000 });
  },
  'an active watcher under a lease': () => started(start(lease)),
  'a watcher that resumed': () => {
    const watcher = start();
    watcher.pause();
    watcher.resume();
  },
  'a store with garbage collection alone': () =>
    store.storeEvent({ operation: 'CREATE', objectType: 'A', object: 1 }),
  'an events() that is not live': () => store.events(latest(), { live: false }).subscribe(),
  'an unsubscribed events()': () => store.events(latest()).subscribe().unsubscribe(),
  'a paused watcher': () => start().pause(),
  'a watcher paused while it waits': async () => {
    const watcher = start();
    await started(watcher);
    watcher.pause();
  },
  'a paused watcher under a lease': async () => {
    const watcher = start(lease);
    await started(watcher);
    watcher.pause();
  },
  'a watch() paused by pauseWhen': () =>
    watch(store, 'w', { handler, pauseWhen: new BehaviorSubject(true) }).subscribe(),
  'a stopped watcher': () => start().stop(),
  'a watcher that failed': async () => {
    await store.storeCheckpoint('w', 9);
    start();
  },
  'a closed store with readers': async () => {
    store.events(latest()).subscribe();
    start();
    await store.close();
  },
};
await scenarios[scenario]();
process.stdout.write('ready\n');
// The timer is unreferenced, so that the timer itself does not keep the process alive.
setTimeout(() => process.stdout.write('alive\n'), 300).unref();
process.once('beforeExit', () => process.stdout.write('over\n'));
