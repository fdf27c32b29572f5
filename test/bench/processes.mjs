// Time from the acknowledgement of an append in one process to the handler in another: both use the clock of `hrtime`. The next
// event is stored when the previous event is handled. An event that is not handled within a second counts as a lost wake-up.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { trimHorizon, watch } from 'rx-watcher';
import { alone } from './figure.mjs';
import { fresh, openStore } from './logs.mjs';
import { quantile } from './quantile.mjs';

const WRITER = fileURLToPath(new URL('processes-writer.mjs', import.meta.url));
const LOST = 1000;

/** Returns the CPU time that this process uses per second while it is idle, in microseconds. */
async function idleCost(milliseconds) {
  const before = process.cpuUsage();
  await wait(milliseconds);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / milliseconds) * 1000;
}

export async function processes({ rounds, size, directory }) {
  const path = fresh(directory, 'processes');
  const perRound = size(500, 50);
  const store = openStore(path);
  const writer = fork(WRITER, [path]);
  const alarm = new AbortController();
  const seen = new Map();
  let notify = () => undefined;
  const handler = ({ seqNum }) => {
    seen.set(seqNum, Number(process.hrtime.bigint()));
    notify();
  };
  let lost = 0;
  const one = async () => {
    const handled = new Promise((resolve) => {
      notify = resolve;
    });
    writer.send('store');
    const [{ seqNum, acknowledged }] = await once(writer, 'message', { signal: alarm.signal });
    const inTime = await Promise.race([handled.then(() => true), wait(LOST, false)]);
    if (!inTime) lost++;
    return inTime ? (seen.get(seqNum) - acknowledged) / 1e6 : LOST;
  };
  writer.once('exit', () => alarm.abort(new Error('the writing process ended')));

  const watcher = watch(store, 'reader', { initialEventIterator: trimHorizon(), handler }).subscribe();
  const p50 = [];
  const p99 = [];
  for (let round = 0; round <= rounds; round++) {
    const samples = [];
    for (let n = 0; n < perRound; n++) samples.push(await one());
    if (round === 0) continue;
    p50.push(quantile(samples, 0.5));
    p99.push(quantile(samples, 0.99));
  }
  const costs = [];
  const pause = size(1000, 200);
  for (let round = 0; round < rounds; round++) costs.push(await idleCost(pause));
  watcher.unsubscribe();
  await store.close();
  const without = [];
  for (let round = 0; round < rounds; round++) without.push(await idleCost(pause));
  writer.removeAllListeners('exit');
  writer.disconnect();
  await once(writer, 'exit');
  return [
    alone('from the acknowledgement of an event to its handler in another process, p50', 'ms', p50),
    alone('from the acknowledgement of an event to its handler in another process, p99', 'ms', p99),
    alone('wake-ups lost across two processes', 'events', [lost]),
    alone('idle watcher of a log shared with another process', 'us CPU/s', [
      quantile(costs, 0.5) - quantile(without, 0.5),
    ]),
  ];
}
