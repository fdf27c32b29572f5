import { catchError, concat, EMPTY, interval, NEVER, Observable, range, retry, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { RetryOptions } from '../../../src/handling/retry-options.ts';
import { deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { odd } from '../../support/odd-failures.ts';
import { thenable } from '../../support/thenable.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';

type Misbehaving = (...args: Parameters<EventHandler>) => unknown;

const throwing = (error: unknown = new Error('no')): never => {
  throw error;
};

const handlers: readonly [string, Misbehaving][] = [
  ...odd.map(([name, thrown]): [string, Misbehaving] => [`throws ${name}`, () => throwing(thrown)]),
  ...odd.map(([name, thrown]): [string, Misbehaving] => [
    `rejects with ${name}`,
    () => Promise.reject(thrown),
  ]),
  ['returns an Observable that errors', () => throwError(() => new Error('no'))],
  ['returns an Observable that throws when it is subscribed to', () => new Observable(throwing)],
  [
    'returns an Observable that errors after many values',
    () =>
      concat(
        range(1, 1000),
        throwError(() => 'no'),
      ),
  ],
  ['returns a Promise that never settles', () => new Promise(() => {})],
  ['returns an Observable that never completes', () => NEVER],
  ['returns an Observable that never stops emitting', () => interval(1)],
  ['returns an Observable whose teardown throws', () => new Observable(() => throwing)],
  [
    'returns a Promise that rejects when the signal of the attempt is aborted',
    (_event, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ],
  [
    'returns an object with a throwing property then',
    () => Object.defineProperty({}, 'then', { get: throwing }),
  ],
  ['returns a thenable that throws', () => thenable(throwing)],
  ['returns an iterable that throws', () => ({ [Symbol.iterator]: throwing })],
  [
    'returns an async iterable that rejects',
    () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(null) }) }),
  ],
  [
    'returns a ReadableStream that errors',
    () => new ReadableStream({ pull: (stream) => stream.error('no') }),
  ],
];

const backoff = { initialBackoff: 1, maxBackoff: 1, maxRetries: 1, handlerTimeout: 10 };
const skipsFirst = { state: 'running', handled: 1, skipped: 1, lag: 0 };
const strategies: readonly [string, RetryOptions, object, number][] = [
  ['block', { retryStrategy: 'block' }, { state: 'running', handled: 0, skipped: 0, lag: 2 }, 0],
  ['skip', { retryStrategy: 'skip' }, skipsFirst, 0],
  ['stop', { retryStrategy: 'stop' }, { state: 'failed', handled: 0, skipped: 0, lag: 2, retries: 1 }, 0],
  ['deadLetter', { retryStrategy: 'deadLetter' }, skipsFirst, 1],
  [
    'a custom strategy',
    {
      retryStrategy: (attempt) =>
        attempt.pipe(
          retry(1),
          catchError(() => EMPTY),
        ),
    },
    skipsFirst,
    0,
  ],
];

describe.each(strategies)('a watcher with retry strategy %s', (_strategy, options, stats, deadLetters) => {
  let unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => unhandled.push(error);
  beforeEach(() => {
    unhandled = [];
    process.on('unhandledRejection', onUnhandled);
    process.on('uncaughtException', onUnhandled);
  });
  afterEach(() => {
    process.off('unhandledRejection', onUnhandled);
    process.off('uncaughtException', onUnhandled);
  });

  it.each(handlers)(
    'a watcher counts an attempt as failed if its handler %s, and other watchers are not affected',
    async (_name, misbehave) => {
      const handler: EventHandler = (event, context) =>
        event.seqNum === 1 ? (misbehave(event, context) as undefined) : undefined;
      const { clock, watcher, manager, store } = managed({ events: 2, ...backoff, ...options, handler });
      const good = manager.create('good', { handler: () => EMPTY, autoStart: true });

      watcher.start();
      for (let round = 0; round < 4; round++) {
        await nextTurn();
        clock.advanceBy(10);
      }
      await nextTurn();

      expect(watcher.stats()).toMatchObject(stats);
      expect(watcher.stats().retries).toBeGreaterThanOrEqual(1);
      expect(watcher.stats().lastError).toMatchObject({ code: 'ERR_EVENT_HANDLING', seqNum: 1 });
      expect(await deadLettersOf(store)).toHaveLength(deadLetters);
      expect(good.stats()).toMatchObject({ state: 'running', handled: 2, lag: 0 });
      const stopped = manager.stop();
      clock.advanceBy(10); // ends the attempt in flight, for which the stop waits
      await stopped;
      await nextTurn();
      expect(unhandled).toEqual([]);
    },
  );
});
