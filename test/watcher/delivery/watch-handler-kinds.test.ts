import { defer, firstValueFrom, type InteropObservable, type Observable, observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { thenable } from '../../support/thenable.ts';
import { fill } from '../../support/watcher/fill.ts';

type Result = ReturnType<EventHandler>;

const firstOutcome = (handler: EventHandler) => {
  const store = createMemoryStore();
  fill(store, 'Job');
  return firstValueFrom(watch(store, 'w', { handler, retryStrategy: 'skip', maxRetries: 0 }));
};

async function* iterate(work: () => Promise<unknown>) {
  yield 'a';
  await work();
  yield 'b';
}

const interop = (source: Observable<unknown>): InteropObservable<unknown> =>
  ({ [observable]: () => source }) as unknown as InteropObservable<unknown>;

describe('a watcher with a handler that returns a result', () => {
  it.each<[string, (work: () => Promise<unknown>) => Result]>([
    ['a Promise', (work) => work()],
    ['a thenable', (work) => thenable<PromiseLike<unknown>['then']>((...then) => work().then(...then))],
    ['an Observable', (work) => defer(work)],
    ['an Observable of another library', (work) => interop(defer(work))],
    ['an async iterable', iterate],
    ['a ReadableStream', (work) => new ReadableStream({ pull: (s) => work().then(() => s.close()) })],
  ])('a watcher waits for the end of the attempt if the handler returns %s', async (_name, handle) => {
    const order: string[] = [];
    const work = () => new Promise<void>((resolve) => setImmediate(resolve)).then(() => order.push('done'));
    const outcome = await firstOutcome(() => handle(work));
    order.push('outcome');
    expect(order).toEqual(['done', 'outcome']);
    expect(outcome).toMatchObject({ status: 'handled', seqNum: 1, attempts: 1 });
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['a string', 'done'],
    ['a boolean', false],
    ['an object', thenable('not a function')],
    ['an array', ['a', 'b']],
    ['a function', () => 1],
  ])('a watcher counts the event as handled immediately if the handler returns %s', async (_name, value) => {
    const outcome = await firstOutcome(() => value as undefined);
    expect(outcome).toMatchObject({ status: 'handled', seqNum: 1, attempts: 1 });
  });

  const failing = (error: unknown) => {
    throw error;
  };
  it.each<[string, unknown, (error: unknown) => Result]>([
    ['throws an Error', new Error('no'), failing],
    ['throws a string', 'no', failing],
    ['throws null', null, failing],
    ['throws undefined', undefined, failing],
    ['rejects', new Error('no'), (error) => Promise.reject(error)],
    ['rejects with nothing', undefined, (error) => Promise.reject(error)],
    ['returns an Observable that fails', new Error('no'), (error) => defer(() => failing(error))],
    ['returns an async iterable that fails', 'no', (error) => iterate(() => Promise.reject(error))],
    ['returns an iterable that fails', 'no', (error) => ({ [Symbol.iterator]: () => failing(error) })],
  ])(
    'a watcher reports the error as the cause of the failed attempt if the handler %s',
    async (_name, error, handle) => {
      const outcome = await firstOutcome(() => handle(error));
      expect(outcome).toMatchObject({ status: 'skipped', seqNum: 1, attempts: 1 });
      expect(outcome).toHaveProperty('error.code', 'ERR_EVENT_HANDLING');
      expect(outcome).toHaveProperty('error.cause', error);
    },
  );
});
