import { catchError, type Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError, type WatcherLibraryError } from '../../../src/errors.ts';
import { trimHorizon } from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { withStore } from '../../support/watcher/virtual-store.ts';

const handler = () => undefined;
const codes = (source: Observable<unknown>) =>
  source.pipe(catchError((error: WatcherLibraryError) => of(error.code)));

/** Every option of a watcher, each with an invalid value. */
const WRONG = {
  handler: 'a',
  autoStart: 'yes',
  initialEventIterator: { type: 'at_sequence_number', sequenceNumber: -1 },
  filter: { objectTypes: 'Job', operations: ['create'] },
  batchSize: 0,
  bufferSize: 1.5,
  initialBackoff: -1,
  maxBackoff: Number.NaN,
  maxRetries: -1,
  jitter: 'much',
  retryIf: true,
  retryStrategy: 'never',
  handlerTimeout: -1,
  batchHandler: 1,
  maxBatch: 0,
  maxWait: -1,
  concurrency: 0,
  keyOf: 'id',
  pauseWhen: true,
  ephemeral: 1,
  checkpoint: 'never',
  checkpointInterval: 2 ** 31,
  scheduler: {},
} as unknown as CreateWatcherOptions;

const faultyPaths = (options: CreateWatcherOptions): readonly string[] => {
  try {
    createManager(createMemoryStore()).create('w', options);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    return (error as InvalidOptionsError).faults.map(({ path }) => path);
  }
};

describe('the validation of watcher options', () => {
  it('watcher options with several faults are rejected by one error that lists all faults', () => {
    const paths = new Set(faultyPaths(WRONG).map((path) => path.split('.')[0]));
    expect([...paths].toSorted()).toEqual(Object.keys(WRONG).toSorted());
  });

  it.each<[string, CreateWatcherOptions]>(
    Object.entries(WRONG).map(([name, value]) => [name, { [name]: value } as CreateWatcherOptions]),
  )('an invalid value of the option %s is rejected with the path of this option', (name, options) => {
    const [path, ...others] = new Set(faultyPaths(options).map((fault) => fault.split('.')[0]));
    expect({ path, others }).toEqual({ path: name, others: [] });
  });

  it.each<[string, CreateWatcherOptions]>([
    ['no options', {}],
    [
      'several valid values',
      { handler, autoStart: false, initialEventIterator: trimHorizon(), filter: {}, ephemeral: true },
    ],
    ['no retries, no delay', { maxRetries: 0, initialBackoff: 0, maxBackoff: 0, retryStrategy: 'skip' }],
    ['concurrency without keyOf', { handler, concurrency: 2 }],
    ['an infinite maxRetries', { maxRetries: Number.POSITIVE_INFINITY }],
    ['undefined values', { handler: undefined, batchSize: undefined, scheduler: undefined }],
  ])('a manager accepts valid watcher options: %s', (_name, options) => {
    expect(faultyPaths(options)).toEqual([]);
  });

  it('a watcher with autoStart requires a handler', () => {
    expect(faultyPaths({ autoStart: true })).toEqual(['autoStart']);
    expect(faultyPaths({ autoStart: true, batchSize: 0 })).toEqual(['batchSize', 'autoStart']);
  });

  it.each(['', '  ', 7 as unknown as string])(
    'a manager rejects a watcher id that is blank or not a string: %j',
    (id) => {
      expect(() => createManager(createMemoryStore()).create(id, { handler })).toThrow(InvalidOptionsError);
    },
  );

  it(
    'watch rejects invalid options at the subscription, not at the call',
    withStore(({ store, expectObservable }) => {
      const watched = watch(store, 'w', { handler, batchSize: 0 });
      expectObservable(codes(watched)).toBe('(c|)', { c: 'ERR_INVALID_OPTIONS' });
    }),
  );

  it(
    'watch requires a handler in its options',
    withStore(({ store, expectObservable }) => {
      // @ts-expect-error: the type also requires a handler
      const watched = watch(store, 'w', {});
      const message =
        "watcher 'w' has no handler; pass handler, batchHandler or transactionHandler in the options of watch";
      expectObservable(codes(watched)).toBe('(c|)', { c: 'ERR_NO_HANDLER' });
      expectObservable(watched.pipe(catchError(({ message }) => of(message)))).toBe('(m|)', { m: message });
    }),
  );
});
