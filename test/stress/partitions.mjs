// Runs processes that share the partitions of a watcher, and kills, suspends, stops and starts them at random. Checks that every
// event is handled, that the order of each key holds, that no process acts after it has lost a partition, and that the shares
// become fair. Needs a build: `npm run stress:partitions -- --engine lmdb --minutes 5 --seed 1`.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Option } from 'commander';
import { firstValueFrom } from 'rxjs';
import { stressCommand } from './command.mjs';
import { startCluster } from './nats-cluster.mjs';
import { openSharedStore } from './partition-store.mjs';
import { createRandom } from './random.mjs';
import { startProcess } from './start-process.mjs';
import { parseJournals, verifyPartitions } from './verify-partitions.mjs';

const BATCH = 50;

/** Maximum time without any progress after the last disturbance, in milliseconds. Ample for a busy machine. */
const PATIENCE = 120_000;

const {
  engine,
  minutes,
  seed,
  dir,
  package: packageDirectory,
  json: asJson,
  events,
  keys: keyCount,
  processes: processCount,
  partitions,
  concurrency,
  lease: duration,
  handlerTime,
} = stressCommand('stress:partitions', Date.now() % 1_000_000)
  .addOption(
    new Option('--engine <engine>', 'engine of the store').choices(['lmdb', 'jetstream']).default('lmdb'),
  )
  .option('--minutes <number>', 'duration of the disturbances', Number, 1)
  .option('--events <number>', 'number of events', Number, 100_000)
  .option('--keys <number>', 'number of keys', Number, 5000)
  .option('--processes <number>', 'number of processes', Number, 4)
  .option('--partitions <number>', 'number of partitions', Number, 16)
  .option('--concurrency <number>', 'concurrent handlers of a partition', Number, 1)
  .option('--lease <milliseconds>', 'duration of the leases', Number, 3000)
  .option('--handler-time <milliseconds>', 'duration of a handler', Number, 2)
  .parse()
  .opts();

const random = createRandom(seed);
const directory = mkdtempSync(join(dir, 'rx-watcher-partitions-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const cluster = engine === 'jetstream' ? await startCluster(directory, 3) : undefined;
const shared = {
  package: packageDirectory,
  engine,
  path: join(directory, 'events.lmdb'),
  servers: cluster?.servers,
};

/** Opens the store. A new cluster needs some seconds before it accepts a stream. */
async function openWithRetries(retries) {
  try {
    return await openSharedStore({
      ...shared,
      logger: { debug() {}, info() {}, warn() {}, error: console.error },
    });
  } catch (error) {
    if (retries === 0) throw error;
    await wait(1000);
    return openWithRetries(retries - 1);
  }
}
const { rx, store } = await openWithRetries(30);
const keys = new Map();
const counts = { started: 0, stopped: 0, killed: 0, suspended: 0 };
const continuations = {};
const unfair = [];
const failures = [];
let fairChecks = 0;
let blockedChecks = 0;
let slowestShare = 0;
const members = new Set();

function startMember() {
  const name = `p${++counts.started}`;
  const member = { name, owned: [], isSuspended: false };
  const options = {
    ...shared,
    name,
    journal: join(directory, `${name}.log`),
    duration,
    partitions,
    concurrency,
    handlerTime,
  };
  member.hasJoined = new Promise((resolve) => {
    member.process = startProcess('./partition-member.mjs', options, (line) => {
      member.owned = JSON.parse(line);
      resolve();
    });
  });
  void member.process.ended.then((end) => {
    members.delete(member);
    if (!end.wasKilled && (end.code !== 0 || end.isHung)) failures.push({ name, ...end });
  });
  members.add(member);
  return member;
}

const awake = () => [...members].filter(({ isSuspended }) => !isSuspended);

/** Returns whether the running processes have fair shares, and together all partitions. */
function isFair() {
  const sizes = awake().map(({ owned }) => owned.length);
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sum === partitions && Math.max(...sizes) - Math.min(...sizes) <= 1;
}

/**
 * Returns whether a write of this process waits. On LMDB, a process that is suspended during a commit blocks the writes of
 * all other processes.
 */
const isBlocked = () =>
  Promise.race([
    store.storeCheckpoint('probe', Number.MAX_SAFE_INTEGER).then(() => false),
    wait(duration / 2, true),
  ]);

/** Checks within two durations after a disturbance that the shares are fair. */
async function expectFair(disturbance) {
  const began = performance.now();
  while (!isFair()) {
    if (performance.now() - began > 2 * duration) {
      if (await isBlocked()) {
        blockedChecks++;
        return;
      }
      if (isFair()) break;
      unfair.push({
        disturbance,
        shares: [...members].map(({ name, owned, isSuspended }) => ({ name, owned, isSuspended })),
      });
      return;
    }
    await wait(20);
  }
  fairChecks++;
  slowestShare = Math.max(slowestShare, performance.now() - began);
}

async function suspend(member) {
  counts.suspended++;
  member.isSuspended = true;
  member.process.signal('SIGSTOP');
  await expectFair(`suspension of ${member.name}`);
  await wait(random.between(0, duration));
  member.isSuspended = false;
  continuations[member.name] ??= [];
  continuations[member.name].push(process.hrtime.bigint());
  member.process.signal('SIGCONT');
  await expectFair(`continuation of ${member.name}`);
}

async function disturb() {
  const [member] = [random.pick(awake())];
  const kinds =
    members.size < processCount
      ? ['start', 'start', 'suspend', 'kill']
      : ['suspend', 'suspend', 'kill', 'stop'];
  const kind = awake().length < 2 ? 'start' : random.pick(kinds);
  if (kind === 'start') await startMember().hasJoined;
  else if (kind === 'suspend') return suspend(member);
  else if (kind === 'kill') {
    counts.killed++;
    members.delete(member);
    member.process.kill();
  } else {
    counts.stopped++;
    members.delete(member);
    void member.process.end();
  }
  await expectFair(`${kind} of ${kind === 'start' ? `p${counts.started}` : member.name}`);
}

/** Appends the events evenly over the time of the disturbances. */
async function append(milliseconds) {
  const began = performance.now();
  for (let n = 0; n < events; ) {
    const requests = Array.from({ length: Math.min(BATCH, events - n) }, () => {
      const key = `key ${random.below(keyCount)}`;
      return { operation: 'UPDATE', objectType: 'Job', object: { n: ++n }, key };
    });
    for (const { seqNum, key } of await store.storeEvents(requests)) keys.set(seqNum, key);
    const due = began + (n / events) * milliseconds;
    if (due > performance.now()) await wait(due - performance.now());
  }
}

const milliseconds = minutes * 60_000;
for (let n = 0; n < processCount; n++) startMember();
await Promise.all([...members].map((member) => member.hasJoined));
await expectFair('start of all');
const end = performance.now() + milliseconds;
const appended = append(milliseconds);
while (performance.now() < end) {
  await disturb();
  await wait(random.between(0, duration));
}
await appended;
while (members.size < processCount) startMember();

const latest = await firstValueFrom(store.getLatestSeqNum());
const checkpoints = () => firstValueFrom(store.checkpoints());
const ofPartitions = async () => [...(await checkpoints())].filter(([id]) => id.startsWith('w ['));
const total = (rows) => rows.reduce((sum, [, seqNum]) => sum + seqNum, 0);
let rows = await ofPartitions();
for (let progressAt = performance.now(); rows.some(([, seqNum]) => seqNum < latest); ) {
  if (performance.now() - progressAt > PATIENCE) {
    failures.push({ name: 'the watcher', errors: `makes no progress: ${JSON.stringify(rows)}` });
    break;
  }
  await wait(200);
  const newRows = await ofPartitions();
  if (total(newRows) > total(rows)) progressAt = performance.now();
  rows = newRows;
}
await Promise.all([...members].map((member) => member.process.end()));
await store.close();
cluster?.stop();

const journals = Object.fromEntries(
  readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .map((name) => [name.replace('.log', ''), readFileSync(join(directory, name), 'utf8')]),
);
const verified = verifyPartitions(
  parseJournals(journals),
  keys,
  (key) => rx.partitionOf(key, partitions),
  continuations,
);
const result = {
  engine,
  seed,
  ...counts,
  ...verified,
  fairChecks,
  blockedChecks,
  slowestShare: Math.round(slowestShare),
  unfair,
  failures,
};
const isCorrect =
  verified.unhandled.count === 0 &&
  verified.disordered.count === 0 &&
  verified.deposed.count === 0 &&
  unfair.length === 0 &&
  failures.length === 0;
process.stdout.write(`${asJson ? JSON.stringify(result) : JSON.stringify(result, undefined, 2)}\n`);
process.exitCode = isCorrect ? 0 : 1;
