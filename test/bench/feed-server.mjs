// Runs in a separate process: serves a feed on LMDB, and appends and measures on the request of its parent.
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createFeed } from 'rx-watcher/http';
import { openStore } from './logs.mjs';
import { requests } from './request.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const BATCH = 10;

const store = openStore(process.argv[2]);
const server = createServer(createFeed(store).node);
const delay = monitorEventLoopDelay({ resolution: 1 });

const commands = {
  /** Returns the memory of the process, in bytes. */
  memory() {
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed };
  },
  /** Returns the CPU time of the process, in milliseconds. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  async append(count) {
    delay.reset();
    delay.enable();
    for (let n = 1; n <= count; n += BATCH) await store.storeEvents(requests(n, BATCH));
  },
  /** Returns delays of the event loop since the begin of the appends, in milliseconds. */
  delays() {
    delay.disable();
    return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
  },
};

process.on('message', async ({ command, argument }) => {
  process.send((await commands[command](argument)) ?? null);
});
process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', 65_535, () => process.send(server.address().port));
