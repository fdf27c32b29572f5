import {
  appendTo,
  atTimestamp,
  batch,
  checkpointTo,
  copyLog,
  createEventStore,
  createManager,
  filterEvents,
  formatIterator,
  handleWith,
  InvalidOptionsError,
  retryWithBackoff,
  trimHorizon,
  watch,
} from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { createMemoryStore } from 'rx-watcher/memory';
import {
  contentsOf,
  describeEventLog,
  describeEventStore,
  dumpEvents,
  event,
  faultyStore,
  LogModel,
  loadEvents,
  playRequests,
  request,
  type TestRunner,
  withCheckpoints,
} from 'rx-watcher/testing';
import { EMPTY, lastValueFrom, of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';

const store = createMemoryStore();
const manager = createManager(store);
const lastOf = lastValueFrom;

const runner = {} as TestRunner;
const supports = { reopen: false, deadLetters: false, leases: false, importing: false, sharing: false };

/** Name of a case, call, and text of its error message. */
const calls: readonly [string, () => unknown, string][] = [
  [
    'createMemoryStore, a typo',
    () => createMemoryStore({ retension: {} } as never),
    "retension: is not a known option; did you mean 'retention'?",
  ],
  [
    'createMemoryStore, a limit',
    () => createMemoryStore({ retention: { maxEvent: 5 } } as never),
    "retention.maxEvent: is not a known option; did you mean 'maxEvents'?",
  ],
  [
    'createMemoryStore, null',
    () => createMemoryStore(null as never),
    'must be an object such as { scheduler: testScheduler }; received null',
  ],
  [
    'createEventStore, a typo',
    () => createEventStore(createMemoryEventLog(), { gcCadance: 5 } as never),
    "gcCadance: is not a known option; did you mean 'gcCadence'?",
  ],
  [
    'createEventStore, no engine',
    () => createEventStore(undefined as never, {}),
    'log: must be an engine with the methods of EventLog and appended$; received undefined',
  ],
  [
    'openJetStreamStore, a typo',
    () => openJetStreamStore({ stream: 's', server: 'x' } as never),
    "server: is not a known option; did you mean 'servers'?",
  ],
  [
    'openJetStreamStore, an address with a password',
    () => openJetStreamStore('nats://ann:secret@host' as never),
    "must be an object such as { servers: 'nats://127.0.0.1:4222', stream: 'events' }; received a string of 22 characters",
  ],
  [
    'createManager, a typo',
    () => createManager(store, { leese: true } as never),
    "leese: is not a known option; did you mean 'lease'?",
  ],
  [
    'createManager, a typo in the lease',
    () => createManager(store, { lease: { durations: 5 } } as never),
    "lease.durations: is not a known option; did you mean 'duration'?",
  ],
  [
    'createManager, a Promise',
    () => createManager(Promise.resolve(store) as never),
    'store: must be a store; received a Promise: await it first',
  ],
  [
    'manager.create, a typo',
    () => manager.create('w', { maxRetires: 5 } as never),
    "maxRetires: is not a known option; did you mean 'maxRetries'?",
  ],
  [
    'manager.create, far from any name',
    () => manager.create('w', { zzz: 5 } as never),
    'zzz: is not a known option; the options are handler, initialEventIterator,',
  ],
  [
    'manager.stop, a typo',
    () => manager.stop({ timeOut: 5 } as never),
    "timeOut: is not a known option; did you mean 'timeout'?",
  ],
  [
    'manager.redrive, a typo',
    () => manager.redrive('w', { seqNum: [5] } as never),
    "seqNum: is not a known option; did you mean 'seqNums'?",
  ],
  [
    'manager.create, a mistyped strategy',
    () => manager.create('w', { retryStrategy: 'deadletter' } as never),
    "retryStrategy: must be 'block', 'skip', 'stop', 'deadLetter', or a function; received a string of 10 characters; did you mean 'deadLetter'?",
  ],
  [
    'handleWith, a mistyped strategy',
    () => lastOf(EMPTY.pipe(handleWith(() => undefined, { retryStrategy: 'skipp' } as never))),
    "received a string of 5 characters; did you mean 'skip'?",
  ],
  [
    'manager.create, a strategy far from any name',
    () => manager.create('w', { retryStrategy: 'ignore' } as never),
    'or a function; received a string of 6 characters',
  ],
  [
    'manager.create, a mistyped kind of checkpoint',
    () => manager.create('w', { checkpoint: 'Manual' } as never),
    "checkpoint: must be 'auto' or 'manual'; received a string of 6 characters; did you mean 'manual'?",
  ],
  [
    'manager.create, concurrency with a batchHandler',
    () => manager.create('w', { concurrency: 4, batchHandler: () => undefined }),
    'concurrency: must be 1 with a batchHandler: batches are handled one at a time',
  ],
  [
    'filterEvents, a mistyped operation',
    () => filterEvents({ operations: ['create'] } as never),
    "operations.0: must be one of CREATE, UPDATE, DELETE; received a string of 6 characters; did you mean 'CREATE'?",
  ],
  [
    'openJetStreamStore, a mistyped storage',
    () => openJetStreamStore({ servers: 'x', stream: 's', storage: 'files' } as never),
    "storage: must be 'file' or 'memory'; received a string of 5 characters; did you mean 'file'?",
  ],
  [
    'getEvents, an iterator in place of a request',
    () => lastOf(store.getEvents(trimHorizon() as never)),
    'type: is not a known option; the options are iterator, limit, batchSize, filter, longPollingTimeout, watcherId; iterator: must be',
  ],
  [
    'watch, a handler in place of options',
    () => lastOf(watch(store, 'w', (() => undefined) as never)),
    'must be an object such as { handler: (event) => send(event) }; received a function',
  ],
  [
    'watch, a typo in the filter',
    () => lastOf(watch(store, 'w', { filter: { objectType: 'Job' } } as never)),
    "filter.objectType: is not a known option; did you mean 'objectTypes'?",
  ],
  [
    'watch, a filter',
    () => lastOf(watch(store, 'w', { filter: { objectTypes: 'Job' } } as never)),
    'filter.objectTypes: must be an array of strings; received a string of 3 characters',
  ],
  [
    'events, an iterator that was not called',
    () => lastOf(store.events(trimHorizon as never)),
    'received a function: call it, as in trimHorizon()',
  ],
  [
    'copyLog, a typo',
    () => lastOf(copyLog(store, store, { batch: 5 } as never)),
    "batch: is not a known option; did you mean 'batchSize'?",
  ],
  [
    'copyLog, no target',
    () => lastOf(copyLog(store, undefined as never)),
    'target: must be a store; received undefined',
  ],
  [
    'handleWith, a typo',
    () => lastOf(EMPTY.pipe(handleWith(() => undefined, { maxRetry: 5 } as never))),
    "maxRetry: is not a known option; did you mean 'maxRetries'?",
  ],
  [
    'handleWith, no handler',
    () => lastOf(EMPTY.pipe(handleWith(undefined as never))),
    'handler: must be a function; received undefined',
  ],
  [
    'batch, a typo',
    () => batch(5, { maxwait: 5 } as never),
    "maxwait: is not a known option; did you mean 'maxWait'?",
  ],
  [
    'batch, null',
    () => batch(5, null as never),
    'must be an object such as { maxWait: 1000 }; received null',
  ],
  [
    'filterEvents, null',
    () => filterEvents(null as never),
    "must be an object such as { objectTypes: ['Job'], operations: ['CREATE'] }; received null",
  ],
  [
    'filterEvents, a sparse array',
    () => filterEvents({ objectTypes: new Array(2) }),
    'objectTypes.0: must be a string; received undefined; objectTypes.1:',
  ],
  [
    'retryWithBackoff, null',
    () => retryWithBackoff(null as never),
    'must be an object such as { maxRetries: 3 }; received null',
  ],
  [
    'retryWithBackoff, a typo',
    () => retryWithBackoff({ maxBackof: 5 } as never),
    "maxBackof: is not a known option; did you mean 'maxBackoff'?",
  ],
  ['appendTo, no store', () => appendTo(undefined as never), 'store: must be a store; received undefined'],
  [
    'checkpointTo, no store',
    () => lastOf(of({ seqNum: 1 }).pipe(checkpointTo(undefined as never, 'w'))),
    'store: must be a store; received undefined',
  ],
  ['formatIterator, null', () => formatIterator(null as never), 'must be an event iterator'],
  [
    'atTimestamp, nothing',
    () => atTimestamp(undefined as never),
    'timestamp: must be a valid Date; received undefined',
  ],
  [
    'request, a typo',
    () => request({ objectTyp: 'Job' } as never),
    "objectTyp: is not a known option; did you mean 'objectType'?",
  ],
  [
    'request, a part of an event',
    () => request({ seqNum: 3 } as never),
    'seqNum: is not a known option; the options are operation, objectType, object',
  ],
  [
    'event, a typo',
    () => event({ seqNumb: 3 } as never),
    "seqNumb: is not a known option; did you mean 'seqNum'?",
  ],
  ['event, null', () => event(null as never), 'must be an object such as { seqNum: 3 }; received null'],
  [
    'faultyStore, a typo',
    () => faultyStore(store, [{ methd: 'storeEvent' }] as never),
    "faults.0.methd: is not a known option; did you mean 'method'?",
  ],
  [
    'faultyStore, an unknown method',
    () => faultyStore(store, [{ method: 'storeEvnt' }] as never),
    "faults.0.method: is not a method of the store; did you mean 'storeEvent'?",
  ],
  [
    'faultyStore, a method that the store does not have',
    () =>
      faultyStore({ ...store, internals: { ...store.internals, leases: undefined } }, [
        { method: 'getLease' },
      ]),
    "faults.0.method: must be a method of the store, such as 'storeCheckpoint'; received a string of 8 characters",
  ],
  [
    'faultyStore, a call before the first',
    () => faultyStore(store, [{ method: 'storeEvent', calls: [0] }]),
    'faults.0.calls: must be a whole number from 1, an array of such numbers, or a function; received an array of 1',
  ],
  [
    'faultyStore, one fault',
    () => faultyStore(store, { method: 'storeEvent' } as never),
    'faults: must be an array of faults; received an object',
  ],
  [
    'faultyStore, no store',
    () => faultyStore(undefined as never, []),
    'store: must be a store; received undefined',
  ],
  [
    'withCheckpoints, no store',
    () => withCheckpoints(undefined as never),
    'store: must be a store; received undefined',
  ],
  [
    'playRequests, a Promise',
    () => playRequests(undefined as never, Promise.resolve(store) as never, 'a', {}),
    'store: must be a store; received a Promise: await it first',
  ],
  [
    'dumpEvents, no store',
    () => dumpEvents(undefined as never),
    'store: must be a store; received undefined',
  ],
  [
    'contentsOf, no store',
    () => contentsOf(undefined as never),
    'store: must be a store; received undefined',
  ],
  [
    'loadEvents, no store',
    () => lastOf(loadEvents(undefined as never, [])),
    'store: must be a store; received undefined',
  ],
  [
    'loadEvents, a whole text',
    () => lastOf(loadEvents(store, '{}')),
    'lines: must be lines, an iterable or an async iterable of strings; received a string of 2 characters',
  ],
  [
    'LogModel.page, a typo',
    () =>
      new LogModel().page({ iterator: trimHorizon(), filter: {}, limit: 0, batchSize: 1, limt: 5 } as never),
    "limt: is not a known option; did you mean 'limit'?",
  ],
  [
    'LogModel.page, no limit',
    () => new LogModel().page({ iterator: trimHorizon(), filter: {}, batchSize: 1 } as never),
    'limit: must be a whole number from 0; received undefined',
  ],
  [
    'LogModel.replay, a typo in the filter',
    () => new LogModel().replay(trimHorizon(), { objectType: ['Job'] } as never),
    "filter.objectType: is not a known option; did you mean 'objectTypes'?",
  ],
  [
    'describeEventStore, a typo',
    () =>
      describeEventStore(runner, 'mine', {
        supports: { ...supports, atomicBatch: false } as never,
        create: () => expect.unreachable(),
      }),
    "fixture.supports.atomicBatch: is not a known option; did you mean 'atomicBatches'?",
  ],
  [
    'describeEventStore, nothing about leases',
    () =>
      describeEventStore(runner, 'mine', {
        supports: { ...supports, leases: undefined } as never,
        create: () => expect.unreachable(),
      }),
    'fixture.supports.leases: must be true or false; received undefined',
  ],
  [
    'describeEventLog, a typo',
    () =>
      describeEventLog(runner, 'mine', {
        supports: { reopn: true } as never,
        create: () => expect.unreachable(),
      }),
    "fixture.supports.reopn: is not a known option; did you mean 'reopen'?",
  ],
  [
    'options that throw',
    () =>
      createMemoryStore({
        get cacheSize() {
          throw new Error('boo');
        },
      } as never),
    'cannot be read: boo',
  ],
];

describe('the options and arguments of the library', () => {
  test.each(calls)(
    'an invalid option or argument causes a short error that names the fault: %s',
    async (_what, call, message) => {
      const error = await failureOf((async () => call())());

      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect((error as Error).message).toContain(message);
      expect((error as Error).message).not.toMatch(/secret|Partial|Readonly/);
      expect((error as Error).message.length).toBeLessThan(400);
    },
  );
});

test('createMemoryStore reads each option exactly once, during the call', async () => {
  let reads = 0;
  const options = {
    get cacheSize() {
      return reads++ === 0 ? 5 : 'many';
    },
  };

  await createMemoryStore(options as never).close();

  expect(reads).toBe(1);
});

test('filterEvents reads each item of a list exactly once', () => {
  const answers = ['Job', 5];
  const objectTypes = Object.defineProperty(['Job'], 0, { get: () => answers.shift() });

  expect(() => filterEvents({ objectTypes })).not.toThrow();

  expect(answers).toEqual([5]);
});
