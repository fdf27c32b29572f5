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
    'createMemoryStore with a typo',
    () => createMemoryStore({ retension: {} } as never),
    "retension: is not a known option; did you mean 'retention'?",
  ],
  [
    'createMemoryStore with a typo in retention',
    () => createMemoryStore({ retention: { maxEvent: 5 } } as never),
    "retention.maxEvent: is not a known option; did you mean 'maxEvents'?",
  ],
  [
    'createMemoryStore with null',
    () => createMemoryStore(null as never),
    'must be an object such as { scheduler: testScheduler }; received null',
  ],
  [
    'createEventStore with a typo',
    () => createEventStore(createMemoryEventLog(), { gcCadance: 5 } as never),
    "gcCadance: is not a known option; did you mean 'gcCadence'?",
  ],
  [
    'createEventStore without an engine',
    () => createEventStore(undefined as never, {}),
    'log: must be an engine with the methods of EventLog and appended$; received undefined',
  ],
  [
    'openJetStreamStore with a typo',
    () => openJetStreamStore({ stream: 's', server: 'x' } as never),
    "server: is not a known option; did you mean 'servers'?",
  ],
  [
    'openJetStreamStore with a password in its address',
    () => openJetStreamStore('nats://ann:secret@host' as never),
    "must be an object such as { servers: 'nats://127.0.0.1:4222', stream: 'events' }; received a string of 22 characters",
  ],
  [
    'createManager with a typo',
    () => createManager(store, { leese: true } as never),
    "leese: is not a known option; did you mean 'lease'?",
  ],
  [
    'createManager with a typo in the lease',
    () => createManager(store, { lease: { durations: 5 } } as never),
    "lease.durations: is not a known option; did you mean 'duration'?",
  ],
  [
    'createManager with a Promise of a store',
    () => createManager(Promise.resolve(store) as never),
    'store: must be a store; received a Promise: await it first',
  ],
  [
    'manager.create with a typo',
    () => manager.create('w', { maxRetires: 5 } as never),
    "maxRetires: is not a known option; did you mean 'maxRetries'?",
  ],
  [
    'manager.create with an unknown option',
    () => manager.create('w', { zzz: 5 } as never),
    'zzz: is not a known option; the options are handler, initialEventIterator,',
  ],
  [
    'manager.stop with a typo',
    () => manager.stop({ timeOut: 5 } as never),
    "timeOut: is not a known option; did you mean 'timeout'?",
  ],
  [
    'manager.redrive with a typo',
    () => manager.redrive('w', { seqNum: [5] } as never),
    "seqNum: is not a known option; did you mean 'seqNums'?",
  ],
  [
    'manager.create with a mistyped strategy',
    () => manager.create('w', { retryStrategy: 'deadletter' } as never),
    "retryStrategy: must be 'block', 'skip', 'stop', 'deadLetter', or a function; received a string of 10 characters; did you mean 'deadLetter'?",
  ],
  [
    'handleWith with a mistyped strategy',
    () => lastOf(EMPTY.pipe(handleWith(() => undefined, { retryStrategy: 'skipp' } as never))),
    "received a string of 5 characters; did you mean 'skip'?",
  ],
  [
    'manager.create with an unknown strategy',
    () => manager.create('w', { retryStrategy: 'ignore' } as never),
    'or a function; received a string of 6 characters',
  ],
  [
    'manager.create with a mistyped kind of checkpoint',
    () => manager.create('w', { checkpoint: 'Manual' } as never),
    "checkpoint: must be 'auto' or 'manual'; received a string of 6 characters; did you mean 'manual'?",
  ],
  [
    'manager.create with concurrency and a batchHandler',
    () => manager.create('w', { concurrency: 4, batchHandler: () => undefined }),
    'concurrency: must be 1 with a batchHandler: batches are handled one at a time',
  ],
  [
    'filterEvents with a mistyped operation',
    () => filterEvents({ operations: ['create'] } as never),
    "operations.0: must be one of CREATE, UPDATE, DELETE; received a string of 6 characters; did you mean 'CREATE'?",
  ],
  [
    'openJetStreamStore with a mistyped storage',
    () => openJetStreamStore({ servers: 'x', stream: 's', storage: 'files' } as never),
    "storage: must be 'file' or 'memory'; received a string of 5 characters; did you mean 'file'?",
  ],
  [
    'getEvents with an iterator in place of a request',
    () => lastOf(store.getEvents(trimHorizon() as never)),
    'type: is not a known option; the options are iterator, limit, batchSize, filter, longPollingTimeout, watcherId; iterator: must be',
  ],
  [
    'watch with a handler in place of options',
    () => lastOf(watch(store, 'w', (() => undefined) as never)),
    'must be an object such as { handler: (event) => send(event) }; received a function',
  ],
  [
    'watch with a typo in the filter',
    () => lastOf(watch(store, 'w', { filter: { objectType: 'Job' } } as never)),
    "filter.objectType: is not a known option; did you mean 'objectTypes'?",
  ],
  [
    'watch with a string in place of a list of types',
    () => lastOf(watch(store, 'w', { filter: { objectTypes: 'Job' } } as never)),
    'filter.objectTypes: must be an array of strings; received a string of 3 characters',
  ],
  [
    'events with trimHorizon in place of trimHorizon()',
    () => lastOf(store.events(trimHorizon as never)),
    'received a function: call it, as in trimHorizon()',
  ],
  [
    'copyLog with a typo',
    () => lastOf(copyLog(store, store, { batch: 5 } as never)),
    "batch: is not a known option; did you mean 'batchSize'?",
  ],
  [
    'copyLog without a target',
    () => lastOf(copyLog(store, undefined as never)),
    'target: must be a store; received undefined',
  ],
  [
    'handleWith with a typo',
    () => lastOf(EMPTY.pipe(handleWith(() => undefined, { maxRetry: 5 } as never))),
    "maxRetry: is not a known option; did you mean 'maxRetries'?",
  ],
  [
    'handleWith without a handler',
    () => lastOf(EMPTY.pipe(handleWith(undefined as never))),
    'handler: must be a function; received undefined',
  ],
  [
    'batch with a typo',
    () => batch(5, { maxwait: 5 } as never),
    "maxwait: is not a known option; did you mean 'maxWait'?",
  ],
  [
    'batch with null',
    () => batch(5, null as never),
    'must be an object such as { maxWait: 1000 }; received null',
  ],
  [
    'filterEvents with null',
    () => filterEvents(null as never),
    "must be an object such as { objectTypes: ['Job'], operations: ['CREATE'] }; received null",
  ],
  [
    'filterEvents with a sparse array',
    () => filterEvents({ objectTypes: new Array(2) }),
    'objectTypes.0: must be a string; received undefined; objectTypes.1:',
  ],
  [
    'retryWithBackoff with null',
    () => retryWithBackoff(null as never),
    'must be an object such as { maxRetries: 3 }; received null',
  ],
  [
    'retryWithBackoff with a typo',
    () => retryWithBackoff({ maxBackof: 5 } as never),
    "maxBackof: is not a known option; did you mean 'maxBackoff'?",
  ],
  [
    'appendTo without a store',
    () => appendTo(undefined as never),
    'store: must be a store; received undefined',
  ],
  [
    'checkpointTo without a store',
    () => lastOf(of({ seqNum: 1 }).pipe(checkpointTo(undefined as never, 'w'))),
    'store: must be a store; received undefined',
  ],
  ['formatIterator with null', () => formatIterator(null as never), 'must be an event iterator'],
  [
    'atTimestamp without an argument',
    () => atTimestamp(undefined as never),
    'timestamp: must be a valid Date; received undefined',
  ],
  [
    'request with a typo',
    () => request({ objectTyp: 'Job' } as never),
    "objectTyp: is not a known option; did you mean 'objectType'?",
  ],
  [
    'request with a property of an event',
    () => request({ seqNum: 3 } as never),
    'seqNum: is not a known option; the options are operation, objectType, object',
  ],
  [
    'event with a typo',
    () => event({ seqNumb: 3 } as never),
    "seqNumb: is not a known option; did you mean 'seqNum'?",
  ],
  ['event with null', () => event(null as never), 'must be an object such as { seqNum: 3 }; received null'],
  [
    'faultyStore with a typo',
    () => faultyStore(store, [{ methd: 'storeEvent' }] as never),
    "faults.0.methd: is not a known option; did you mean 'method'?",
  ],
  [
    'faultyStore with an unknown method',
    () => faultyStore(store, [{ method: 'storeEvnt' }] as never),
    "faults.0.method: is not a method of the store; did you mean 'storeEvent'?",
  ],
  [
    'faultyStore with a method that the store does not have',
    () =>
      faultyStore({ ...store, internals: { ...store.internals, leases: undefined } }, [
        { method: 'getLease' },
      ]),
    "faults.0.method: must be a method of the store, such as 'storeCheckpoint'; received a string of 8 characters",
  ],
  [
    'faultyStore with the call number 0',
    () => faultyStore(store, [{ method: 'storeEvent', calls: [0] }]),
    'faults.0.calls: must be a whole number from 1, an array of such numbers, or a function; received an array of 1',
  ],
  [
    'faultyStore with a fault in place of a list',
    () => faultyStore(store, { method: 'storeEvent' } as never),
    'faults: must be an array of faults; received an object',
  ],
  [
    'faultyStore without a store',
    () => faultyStore(undefined as never, []),
    'store: must be a store; received undefined',
  ],
  [
    'withCheckpoints without a store',
    () => withCheckpoints(undefined as never),
    'store: must be a store; received undefined',
  ],
  [
    'playRequests with a Promise of a store',
    () => playRequests(undefined as never, Promise.resolve(store) as never, 'a', {}),
    'store: must be a store; received a Promise: await it first',
  ],
  [
    'dumpEvents without a store',
    () => dumpEvents(undefined as never),
    'store: must be a store; received undefined',
  ],
  [
    'contentsOf without a store',
    () => contentsOf(undefined as never),
    'store: must be a store; received undefined',
  ],
  [
    'loadEvents without a store',
    () => lastOf(loadEvents(undefined as never, [])),
    'store: must be a store; received undefined',
  ],
  [
    'loadEvents with a text in place of lines',
    () => lastOf(loadEvents(store, '{}')),
    'lines: must be lines, an iterable or an async iterable of strings; received a string of 2 characters',
  ],
  [
    'LogModel.page with a typo',
    () =>
      new LogModel().page({ iterator: trimHorizon(), filter: {}, limit: 0, batchSize: 1, limt: 5 } as never),
    "limt: is not a known option; did you mean 'limit'?",
  ],
  [
    'LogModel.page without a limit',
    () => new LogModel().page({ iterator: trimHorizon(), filter: {}, batchSize: 1 } as never),
    'limit: must be a whole number from 0; received undefined',
  ],
  [
    'LogModel.replay with a typo in the filter',
    () => new LogModel().replay(trimHorizon(), { objectType: ['Job'] } as never),
    "filter.objectType: is not a known option; did you mean 'objectTypes'?",
  ],
  [
    'describeEventStore with a typo',
    () =>
      describeEventStore(runner, 'mine', {
        supports: { ...supports, atomicBatch: false } as never,
        create: () => expect.unreachable(),
      }),
    "fixture.supports.atomicBatch: is not a known option; did you mean 'atomicBatches'?",
  ],
  [
    'describeEventStore without supports.leases',
    () =>
      describeEventStore(runner, 'mine', {
        supports: { ...supports, leases: undefined } as never,
        create: () => expect.unreachable(),
      }),
    'fixture.supports.leases: must be true or false; received undefined',
  ],
  [
    'describeEventLog with a typo',
    () =>
      describeEventLog(runner, 'mine', {
        supports: { reopn: true } as never,
        create: () => expect.unreachable(),
      }),
    "fixture.supports.reopn: is not a known option; did you mean 'reopen'?",
  ],
  [
    'createMemoryStore with a getter that throws',
    () =>
      createMemoryStore({
        get cacheSize() {
          throw new Error('boo');
        },
      } as never),
    'cannot be read: boo',
  ],
];

describe('the errors of invalid options and arguments', () => {
  test.each(calls)('the error of %s names the fault in a short message', async (_what, call, message) => {
    const error = await failureOf((async () => call())());

    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toMatch(/secret|Partial|Readonly/);
    expect((error as Error).message.length).toBeLessThan(400);
  });
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
