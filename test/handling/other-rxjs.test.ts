import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { lastValueFrom, Observable, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/memory.ts';
import { watch } from '../../src/watcher/watch.ts';
import type { WatchOptions } from '../../src/watcher/watch-options.ts';
import { fillUp } from '../support/watcher/fill.ts';

/** Loads another copy of RxJS after a polyfill of `Symbol.observable`, so that the Observables of both copies differ. */
function loadOtherCopy(): typeof import('rxjs') {
  const bundle = join(createRequire(import.meta.url).resolve('rxjs'), '../../bundles/rxjs.umd.js');
  const exports = {};
  Object.defineProperty(Symbol, 'observable', { value: Symbol('polyfill'), configurable: true });
  try {
    new Function('exports', 'module', readFileSync(bundle, 'utf8'))(exports, { exports });
  } finally {
    Reflect.deleteProperty(Symbol, 'observable');
  }
  return exports as typeof import('rxjs');
}

const other = loadOtherCopy();

describe('an Observable that another copy of RxJS has created', () => {
  it.each<[string, (foreign: Observable<never>) => WatchOptions]>([
    ['a handler', (foreign) => ({ handler: () => foreign })],
    ['an async handler', (foreign) => ({ handler: async () => foreign })],
    ['a batch handler', (foreign) => ({ batchHandler: () => foreign, maxBatch: 1 })],
    ['pauseWhen', (foreign) => ({ pauseWhen: foreign, handler: () => undefined })],
    [
      'a retry strategy',
      (foreign) => ({
        retryStrategy: (attempt) =>
          other.concat(
            foreign,
            other.defer(() => wrapped(attempt)),
          ) as Observable<never>,
        handler: () => undefined,
      }),
    ],
  ])(
    'watch subscribes to an Observable of another copy of RxJS that comes from %s',
    async (_source, optionsWith) => {
      const store = createMemoryStore();
      fillUp(store, 2);
      let subscriptions = 0;
      const foreign = other.defer(() => {
        subscriptions++;
        return other.EMPTY;
      }) as Observable<never>;
      expect(foreign).not.toBeInstanceOf(Observable);

      const outcomes$ = watch(store, 'w', { retryStrategy: 'stop', maxRetries: 0, ...optionsWith(foreign) });
      const outcomes = await lastValueFrom(outcomes$.pipe(take(2), toArray()));

      expect(outcomes.map(({ status }) => status)).toEqual(['handled', 'handled']);
      expect(subscriptions).toBeGreaterThan(0);
      await store.close();
    },
  );
});

/** Returns an Observable of the other copy that mirrors an Observable of this copy. */
const wrapped = (own: Observable<never>) =>
  new other.Observable<never>((subscriber) => own.subscribe(subscriber));
