import { catchError, concat, EMPTY, interval, NEVER, Observable, range, retry, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import type { RetryOptions } from '../../../src/handling/retry-options.ts';
import { lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import { odd } from '../../handling/odd-failures.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { thenable } from '../../scheduling/thenable.ts';
import { managed } from '../managed.ts';

type Misbehaving = (...args: Parameters<EventHandler>) => unknown;

const throwing = (what: unknown = new Error('no')): never => {
  throw what;
};

const handlers: readonly [string, Misbehaving][] = [
  ...odd.map(([what, thrown]): [string, Misbehaving] => [`throws ${what}`, () => throwing(thrown)]),
  ...odd.map(([what, thrown]): [string, Misbehaving] => [
    `rejects with ${what}`,
    () => Promise.reject(thrown),
  ]),
  ['returns an Observable that errors', () => throwError(() => new Error('no'))],
  ['returns an Observable that throws when it is subscribed to', () => new Observable(throwing)],
  [
    'returns an Observable that errors behind many values',
    () =>
      concat(
        range(1, 1000),
        throwError(() => 'no'),
      ),
  ],
  ['returns a Promise that never settles', () => new Promise(() => {})],
  ['returns an Observable that never completes', () => NEVER],
  ['returns an Observable that emits for ever', () => interval(1)],
  ['returns an Observable whose teardown throws', () => new Observable(() => throwing)],
  [
    'returns a Promise that rejects when nobody waits any more',
    (_event, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ],
  ['returns what throws when it is looked at', () => Object.defineProperty({}, 'then', { get: throwing })],
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
const given = { state: 'running', handled: 1, skipped: 1, lag: 0 };
const strategies: readonly [string, RetryOptions, object, number][] = [
  ['block', { retryStrategy: 'block' }, { state: 'running', handled: 0, skipped: 0, lag: 2 }, 0],
  ['skip', { retryStrategy: 'skip' }, given, 0],
  ['stop', { retryStrategy: 'stop' }, { state: 'failed', handled: 0, skipped: 0, lag: 2, retries: 1 }, 0],
  ['deadLetter', { retryStrategy: 'deadLetter' }, given, 1],
  [
    'a strategy of your own',
    {
      retryStrategy: (attempt) =>
        attempt.pipe(
          retry(1),
          catchError(() => EMPTY),
        ),
    },
    given,
    0,
  ],
];

describe.each(strategies)('under %s', (_strategy, options, stats, letters) => {
  let stray: unknown[] = [];
  const note = (error: unknown) => stray.push(error);
  beforeEach(() => {
    stray = [];
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
  });
  afterEach(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
  });

  it.each(handlers)(
    'a handler that %s fails its event, and does no harm to anybody else',
    async (_how, misbehave) => {
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
      expect(await lettersOf(store)).toHaveLength(letters);
      expect(good.stats()).toMatchObject({ state: 'running', handled: 2, lag: 0 });
      const stopped = manager.stop();
      clock.advanceBy(10); // it waits for the attempt in flight
      await stopped;
      await nextTurn();
      expect(stray).toEqual([]);
    },
  );
});
