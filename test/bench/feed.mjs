// Many readers of a feed: the rate of events to readers that follow the log, and the memory and CPU time of readers that wait.
// Server and clients have their own processes. All of them share the cores of the machine.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { alone } from './figure.mjs';
import { discard, fresh } from './logs.mjs';

/** Maximum number of connections of one client process. */
const CONNECTIONS = 5000;

/** Starts a script in a process. Node.js raises its limit of open files to the hard limit, which many sockets need. */
const start = (script, ...args) => fork(fileURLToPath(new URL(script, import.meta.url)), args.map(String));

/** Returns the next message of a process. Rejects if the process ends before. */
const answer = (child) =>
  new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`a process of the benchmark has ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });

async function startServer(path) {
  const child = start('feed-server.mjs', path);
  const port = await answer(child);
  const ask = (command, argument) => {
    const answered = answer(child);
    child.send({ command, argument });
    return answered;
  };
  return { port, ask, end: () => end(child) };
}

async function end(child) {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

/** Opens readers in as many processes as needed. Resolves when all of them have begun. */
async function openReaders(port, count, events) {
  const clients = [];
  for (let rest = count; rest > 0; rest -= CONNECTIONS) {
    const child = start('feed-clients.mjs', port, Math.min(rest, CONNECTIONS), events);
    await answer(child);
    clients.push(child);
  }
  return {
    finish: () => Promise.all(clients.map(answer)),
    end: () => Promise.all(clients.map(end)),
  };
}

/** Measures the rate at which readers receive appended events, and the memory of the server. */
async function measureFollowing(path, readers, events) {
  const server = await startServer(path);
  const clients = await openReaders(server.port, readers, events);
  const before = await server.ask('memory');
  const begun = performance.now();
  const finished = clients.finish();
  const appended = server.ask('append', events);
  await finished;
  const milliseconds = performance.now() - begun;
  await appended;
  const delays = await server.ask('delays');
  const after = await server.ask('memory');
  await clients.end();
  await server.end();
  return {
    rate: (readers * events * 1000) / milliseconds,
    growth: after.rss - before.rss,
    rss: after.rss,
    ...delays,
  };
}

/** Measures the memory and the CPU time of readers that wait for `duration` milliseconds. */
async function measureIdle(path, readers, duration) {
  const server = await startServer(path);
  const before = await server.ask('memory');
  const clients = await openReaders(server.port, readers, 0);
  const after = await server.ask('memory');
  const begun = await server.ask('cpu');
  await wait(duration);
  const cpu = (await server.ask('cpu')) - begun;
  await clients.end();
  await server.end();
  return {
    rss: (after.rss - before.rss) / readers,
    heap: (after.heapUsed - before.heapUsed) / readers,
    cpu: (cpu / duration) * 100,
  };
}

export async function feed({ rounds, size, directory }) {
  mkdirSync(directory, { recursive: true });
  const following = [];
  const idle = [];
  for (let round = 0; round < rounds; round++) {
    const path = fresh(directory, 'feed');
    following.push(await measureFollowing(path, size(1000, 20), size(10_000, 100)));
    idle.push(await measureIdle(path, size(10_000, 100), size(30_000, 300)));
    discard(path);
  }
  const figure = (name, unit, measured, key) =>
    alone(
      name,
      unit,
      measured.map((each) => each[key]),
    );
  return [
    figure('feed, 1000 readers follow 10 000 events', 'events/s', following, 'rate'),
    figure('feed, memory of the server after 1000 readers have followed', 'bytes', following, 'rss'),
    figure('feed, delay of the event loop with 1000 readers, p99', 'ms', following, 'p99'),
    figure('feed, delay of the event loop with 1000 readers, maximum', 'ms', following, 'max'),
    figure('feed, memory per idle reader of 10 000', 'bytes', idle, 'rss'),
    figure('feed, heap per idle reader of 10 000', 'bytes', idle, 'heap'),
    figure('feed, CPU of the server with 10 000 idle readers', '%', idle, 'cpu'),
  ];
}
