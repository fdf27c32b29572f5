import {
  appendTo,
  atTimestamp,
  CheckpointError,
  checkpointTo,
  createEventStore,
  createManager,
  type Event,
  filterEvents,
  handleWith,
  InvalidOptionsError,
  ofType,
} from 'rx-watcher';
import { inspectLmdbFile } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { from, lastValueFrom, NEVER, type OperatorFunction, of } from 'rxjs';
import { expect, test } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { created } from '../../src/testing/conformance/support/requests.ts';

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const store = createMemoryStore();
const operators: readonly (readonly [string, OperatorFunction<unknown, unknown>])[] = [
  ['checkpointTo', checkpointTo(store, 'w') as never],
  ['handleWith', handleWith(() => undefined) as never],
  ['filterEvents', filterEvents({ objectTypes: ['Job'] }) as never],
  ['ofType', ofType<Event, string>('Job') as never],
];

test.each(operators)('%s rejects a value that is not an event', async (name, operator) => {
  for (const value of [null, undefined, 5, revoked()]) {
    const failure = await failureOf(lastValueFrom(from([value]).pipe(operator)));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(String(failure)).toContain(`source of ${name}`);
  }
});

test('appendTo rejects a store if storeEvent does not return a Promise', async () => {
  const broken = { storeEvent: () => 5 as never };

  const failure = await failureOf(lastValueFrom(of(created(1)).pipe(appendTo(broken))));

  expect(String(failure)).toContain('storeEvent: must return a Promise; it returned a number');
});

test.each([
  ['properties that are not functions', { append: 1, appended$: 2 }],
  ['only one method', { append() {}, appended$: NEVER }],
])('createEventStore rejects an engine with %s', (_, engine) => {
  expect(() => createEventStore(engine as never, {})).toThrow(InvalidOptionsError);
});

test('inspectLmdbFile rejects a path that is not a string', () => {
  expect(() => inspectLmdbFile(revoked() as never)).toThrow(InvalidOptionsError);
});

test.each([
  ['that is an object without a prototype', () => Object.create(null)],
  [
    'with a toString method that throws',
    () => ({
      toString() {
        throw new Error('raw');
      },
    }),
  ],
  ['that is a revoked proxy', revoked],
  ['that is a string', () => 'hunter2'],
])('a watcher rejects a checkpoint %s, and the error does not contain the value', async (_, value) => {
  const watcher = createManager(createMemoryStore()).create('w', { handler() {} });

  const failure = await failureOf(watcher.checkpoint(value() as never));

  expect(failure).toBeInstanceOf(CheckpointError);
  expect(String(failure)).not.toContain('hunter2');
});

test('seek reads the property `type` of an iterator only once', async () => {
  let reads = 0;
  const iterator = {
    get type() {
      if (++reads > 1) throw new Error('raw');
      return 'trim_horizon';
    },
  };
  const manager = createManager(createMemoryStore());

  await manager.create('w', { handler() {} }).seek(iterator as never);

  expect(reads).toBe(1);
  await manager.stop();
});

test('a Date with an overridden getTime is stored with the time that the Date holds internally', async () => {
  const date = Object.assign(new Date(5), { getTime: () => Number.NaN });
  const imported = createMemoryStore();
  const event = { seqNum: 1, ...created(1), timestamp: date };

  expect(atTimestamp(date)).toEqual({ type: 'at_timestamp', timestamp: 5 });
  await imported.importEvents?.(0, [event]);
  await imported.storeDeadLetter({
    watcherId: 'w',
    seqNum: 1,
    errors: [],
    attempts: 1,
    firstTime: date,
    lastTime: date,
  });

  expect((await lastValueFrom(imported.events(atTimestamp(date), { live: false }))).timestamp).toEqual(
    new Date(5),
  );
  expect((await lastValueFrom(imported.deadLetters('w'))).firstTime).toEqual(new Date(5));
});
