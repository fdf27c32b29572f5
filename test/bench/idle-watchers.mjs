// One durable append while many watchers wait whose filters do not match, beside one with no watcher; and the heap each takes.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { alone, beside } from './figure.mjs';
import { inTurn } from './in-turn.mjs';
import { fresh, openStore } from './logs.mjs';
import { request } from './request.mjs';
import { startIdle } from './start-idle.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const heap = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

export async function idleWatchers({ rounds, size, directory }) {
  const count = size(10_000, 1000);
  const busy = openStore(fresh(directory, 'idle'));
  const quiet = openStore(fresh(directory, 'idle-none'));
  await busy.storeEvent(request(1));
  const before = heap();
  const manager = startIdle(busy, count);
  const bytes = (heap() - before) / count;
  const appends = size(100, 20);
  const append = (store) => async () => {
    for (let n = 0; n < appends; n++) await store.storeEvent(request(n));
  };
  const { ours, theirs } = await inTurn(rounds, {
    ours: { run: append(busy) },
    theirs: { run: append(quiet) },
  });
  const each = (milliseconds) => milliseconds.map((time) => time / appends);
  await manager.stop();
  await Promise.all([busy.close(), quiet.close()]);
  return [
    beside('append with 10 000 idle watchers', 'ms', each(ours), 'none', each(theirs)),
    alone('heap that an idle watcher takes', 'bytes', [bytes]),
  ];
}
