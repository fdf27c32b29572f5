import { ANCESTOR } from './ancestor.mjs';
import { append } from './append.mjs';
import { bounds } from './bounds.mjs';
import { channels } from './channels.mjs';
import { codecs } from './codecs.mjs';
import { computing, computingFigures } from './computing.mjs';
import { contexts } from './contexts.mjs';
import { crowds } from './crowds.mjs';
import { disk } from './disk.mjs';
import { feed } from './feed.mjs';
import { garbage } from './garbage.mjs';
import { asyncHandler, batchHandler, managedHandler, observableHandler, watcherKinds } from './handlers.mjs';
import { idleWatchers } from './idle-watchers.mjs';
import { jetStreamByHand } from './jetstream.mjs';
import { ancestorFigures, idealFigure, keyed } from './keyed.mjs';
import { large } from './large.mjs';
import { memory } from './memory.mjs';
import { oneWatcher } from './one-watcher.mjs';
import { partitions, partitionsOnJetStream } from './partitions.mjs';
import { peers } from './peers.mjs';
import { processes } from './processes.mjs';
import { projections } from './projections.mjs';
import { repacked } from './repacked.mjs';
import { replay } from './replay.mjs';
import { reporting } from './reporting.mjs';
import { sizes } from './sizes.mjs';
import { tail } from './tail.mjs';
import { telemetry } from './telemetry.mjs';
import { tenWatchers } from './ten-watchers.mjs';
import { writes } from './writes.mjs';

const atLeast = (value) => ({ atLeast: value });
const atMost = (value) => ({ atMost: value });

/** Returns the targets of an empty handler of one kind, compared with handwritten code and with the Go library. */
const handlerTargets = (name, ratio) => ({
  [name]: atLeast(ratio),
  [`${name}, compared with ${ANCESTOR}`]: atLeast(1),
});

/** Returns the same target for several figures. */
const each = (names, target) => Object.fromEntries(names.map((name) => [name, target]));

/**
 * Scenarios in their order, with the target of each figure. The target applies to the ratio of a figure that is compared with
 * another, and to the median of any other figure. A figure without a target is only reported. An optional scenario runs only on
 * request.
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
    name: 'contexts',
    run: contexts,
    targets: {
      'append with a growing id, 64 in flight': atLeast(0.7),
      'replay of 1 key of 1000': atLeast(8),
    },
  },
  {
    name: 'one-watcher',
    run: oneWatcher,
    targets: {
      'watch, synchronous handler': atLeast(0.8),
      'watch, filter matches 1 in 1000': atLeast(8),
    },
  },
  { name: 'ten-watchers', run: tenWatchers, targets: { '10 watchers together, deliveries': atLeast(3) } },
  {
    name: 'repacked',
    run: repacked,
    targets: { 'replay of a log written one event at a time, repacked': atLeast(0.9) },
  },
  {
    name: 'tail',
    run: tail,
    targets: {
      'from the acknowledgement of an event to its handler, p50 (negative: handler first)': atMost(100),
      'from the acknowledgement of an event to its handler, p99 (negative: handler first)': atMost(1000),
      'from the append of an event to its handler, p50 minus the p50 of a raw put': atMost(100),
    },
  },
  {
    name: 'processes',
    run: processes,
    targets: {
      'from the acknowledgement of an event to its handler in another process, p50': atMost(1),
      'from the acknowledgement of an event to its handler in another process, p99': atMost(10),
      'wake-ups lost across two processes': atMost(0),
      'idle watcher of a log shared with another process': atMost(1000),
    },
  },
  {
    name: 'partitions',
    run: partitions,
    targets: {
      '16 partitions on LMDB, handler of 5 ms, 2 processes': atLeast(0.9),
      '16 partitions on LMDB, handler of 5 ms, 4 processes': atLeast(0.9),
    },
  },
  {
    name: 'idle-watchers',
    run: idleWatchers,
    targets: {
      'append with 10 000 idle watchers': atMost(1.5),
      'heap per idle watcher': atMost(20_000),
    },
  },
  {
    name: 'garbage',
    run: garbage,
    targets: {
      'garbage collection of 1 million events': atLeast(1),
      'longest block of the event loop by garbage collection': atMost(20),
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
  { name: 'async-handler', run: asyncHandler, targets: handlerTargets('watch, async handler', 0.8) },
  {
    name: 'managed-handler',
    run: managedHandler,
    targets: handlerTargets('managed watcher, async handler', 0.7),
  },
  {
    name: 'observable-handler',
    run: observableHandler,
    targets: handlerTargets('watch, Observable handler', 0.6),
  },
  { name: 'batch-handler', run: batchHandler, targets: handlerTargets('watch, batch handler', 0.8) },
  { name: 'projections', run: projections, targets: { 'projection, one row per event': atLeast(0.7) } },
  {
    name: 'watcher-kinds',
    run: watcherKinds,
    targets: {
      'managed watcher compared with watch, async handler': atLeast(0.9),
      'batch handler compared with a synchronous handler': atLeast(1),
    },
  },
  {
    name: 'keyed',
    run: keyed,
    targets: {
      [idealFigure(16, 0)]: atLeast(0.4),
      [idealFigure(100, 5)]: atLeast(0.9),
      [idealFigure(1000, 5)]: atLeast(0.6),
      ...each(ancestorFigures, atLeast(1)),
    },
  },
  {
    name: 'telemetry',
    run: telemetry,
    targets: {
      'append with instrument, 1 in flight': atLeast(0.95),
      'storeEvents of 1000 with instrument': atLeast(0.95),
      'replay with instrument': atLeast(0.95),
    },
  },
  {
    name: 'reporting',
    run: reporting,
    targets: {
      'append with reports, 64 in flight': atLeast(0.99),
      'managed watcher with reports, async handler': atLeast(0.99),
    },
  },
  { name: 'channels', run: channels, targets: {} },
  { name: 'feed', run: feed, targets: {} },
  { name: 'computing', run: computing, targets: each(computingFigures, atMost(25)) },
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
  {
    name: 'jetstream-partitions',
    run: partitionsOnJetStream,
    targets: {
      '16 partitions on JetStream, handler of 5 ms, 2 processes': atLeast(0.9),
      '16 partitions on JetStream, handler of 5 ms, 4 processes': atLeast(0.9),
    },
    optional: true,
  },
  { name: 'peers', run: peers, targets: {}, optional: true },
  { name: 'sizes', run: sizes, targets: {}, optional: true },
  { name: 'crowds', run: crowds, targets: {}, optional: true },
];
