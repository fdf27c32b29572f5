import { append } from './append.mjs';
import { bounds } from './bounds.mjs';
import { codecs } from './codecs.mjs';
import { crowds } from './crowds.mjs';
import { disk } from './disk.mjs';
import { garbage } from './garbage.mjs';
import { handlers } from './handlers.mjs';
import { idleWatchers } from './idle-watchers.mjs';
import { jetStreamByHand } from './jetstream.mjs';
import { large } from './large.mjs';
import { memory } from './memory.mjs';
import { oneWatcher } from './one-watcher.mjs';
import { peers } from './peers.mjs';
import { processes } from './processes.mjs';
import { repacked } from './repacked.mjs';
import { replay } from './replay.mjs';
import { sizes } from './sizes.mjs';
import { tail } from './tail.mjs';
import { tenWatchers } from './ten-watchers.mjs';
import { writes } from './writes.mjs';

const atLeast = (value) => ({ atLeast: value });
const atMost = (value) => ({ atMost: value });

/**
 * Scenarios in their order, and the target of each figure: of its ratio if it is compared with another, else of its median. A
 * figure without a target is only reported. An optional scenario runs only on request.
 */
export const scenarios = [
  {
    name: 'append',
    run: append,
    targets: {
      'durable append, 1 in flight': atLeast(0.9),
      'durable append, 64 in flight': atLeast(0.8),
      'durable append, 1024 in flight': atLeast(0.7),
      'storeEvents of 1000, durable': atLeast(0.8),
    },
  },
  { name: 'bounds', run: bounds, targets: {} },
  { name: 'writes', run: writes, targets: {} },
  {
    name: 'replay',
    run: replay,
    targets: {
      'replay, payloads read': atLeast(1.2),
      'replay, payloads not read': atLeast(2),
      'replay through headers()': atLeast(2),
    },
  },
  {
    name: 'one-watcher',
    run: oneWatcher,
    targets: {
      'replay through a watcher': atLeast(0.8),
      'replay through a watcher, filter keeps 1 in 1000': atLeast(8),
    },
  },
  { name: 'ten-watchers', run: tenWatchers, targets: { '10 watchers at once, deliveries': atLeast(3) } },
  {
    name: 'repacked',
    run: repacked,
    targets: { 'replay of a log written one event at a time, repacked': atLeast(0.9) },
  },
  {
    name: 'tail',
    run: tail,
    targets: {
      'store -> handler at the tail, p50 beyond its acknowledgement': atMost(100),
      'store -> handler at the tail, p99 beyond its acknowledgement': atMost(1000),
      'store -> handler at the tail, p50 beyond the p50 of a raw put': atMost(100),
    },
  },
  {
    name: 'processes',
    run: processes,
    targets: {
      'store -> handler across two processes, p50': atMost(1),
      'store -> handler across two processes, p99': atMost(10),
      'wake-ups lost across two processes': atMost(0),
      'idle watcher of a log shared with another process': atMost(1000),
    },
  },
  { name: 'idle-watchers', run: idleWatchers, targets: { 'append with 10 000 idle watchers': atMost(1.5) } },
  {
    name: 'garbage',
    run: garbage,
    targets: {
      'garbage collection of 1 million events': atLeast(1),
      'event loop held by garbage collection, at most': atMost(20),
    },
  },
  {
    name: 'large',
    run: large,
    targets: {
      'opening a store of 10 million events': atMost(1.2),
      'appending to a store of 10 million events': atMost(1.2),
      'reading the tail of a store of 10 million events': atMost(1.2),
    },
  },
  { name: 'memory', run: memory, targets: { 'peak memory, replay of 2 million': atMost(1.1) } },
  { name: 'disk', run: disk, targets: { 'bytes on disk per event': atMost(1.15) } },
  { name: 'codecs', run: codecs, targets: {} },
  { name: 'handlers', run: handlers, targets: {} },
  {
    name: 'jetstream',
    run: jetStreamByHand,
    targets: {
      'append on JetStream, 1 in flight': atLeast(0.8),
      'append on JetStream, 64 in flight': atLeast(0.8),
      'append on JetStream, 1024 in flight': atLeast(0.8),
      'replay on JetStream': atLeast(0.8),
    },
    optional: true,
  },
  { name: 'peers', run: peers, targets: {}, optional: true },
  { name: 'sizes', run: sizes, targets: {}, optional: true },
  { name: 'crowds', run: crowds, targets: {}, optional: true },
];
