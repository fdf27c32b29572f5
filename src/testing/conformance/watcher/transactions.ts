import { asyncScheduler, filter, firstValueFrom } from 'rxjs';
import {
  createManager,
  type EventStore,
  InvalidOptionsError,
  InvalidRequestError,
  StoreError,
  type TransactionFunctions,
  type TransactionHandler,
  type WatcherOptions,
} from '../../../index.ts';
import { deadLettersOf } from '../support/dead-letters.ts';
import { failureOf, faultPaths } from '../support/fault-paths.ts';
import { grant } from '../support/held-lease.ts';
import { readAll } from '../support/read-all.ts';
import { request, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { caughtUp, checkpointOf, nextOutcomes, openJobs, passed, statsIn } from '../support/watched.ts';

/**
 * Options of a watcher that reads only jobs. Its handler stores other events, and a watcher that also reads those would
 * never catch up.
 */
const JOBS: WatcherOptions = { filter: { objectTypes: ['Job'] } };

const noop = () => undefined;

/** Creates a handler that stores an event for each event, and then calls `onEvent` with the number of its call. */
function derive(onEvent: (seqNum: number, call: number) => void = noop): TransactionHandler {
  let calls = 0;
  return ({ seqNum }, { storeEvent }) => {
    storeEvent(request('CREATE', 'Derived', seqNum));
    onEvent(seqNum, ++calls);
  };
}

/** Returns the objects of the events that `derive` has stored. */
const derivedIn = async (store: EventStore): Promise<readonly unknown[]> =>
  (await readAll(store)).filter(({ objectType }) => objectType === 'Derived').map(({ object }) => object);

/** Calls a function in a transaction of a store that has transactions. */
const inTransaction = async (store: EventStore, work: (functions: TransactionFunctions) => unknown) =>
  store.transaction?.((storeEvent, storeCheckpoint, deleteDeadLetter) =>
    work({ storeEvent, storeCheckpoint, deleteDeadLetter }),
  );

export const describeWatchingInTransactions = ({ describe, expect, test, open, supports }: StoreSuite) => {
  describe('the method transaction of a store', () => {
    test('a transaction of a store stores events and checkpoints together', async () => {
      const store = await openJobs(open, 1);

      await inTransaction(store, ({ storeEvent, storeCheckpoint }) => {
        expect(storeEvent(request('CREATE', 'Derived', 1))).toMatchObject({ seqNum: 2, object: 1 });
        storeCheckpoint('w', 1);
      });

      expect(await derivedIn(store)).toEqual([1]);
      expect(await checkpointOf(store)).toBe(1);
    });

    test.each<[string, (functions: TransactionFunctions) => unknown, unknown]>([
      ['a checkpoint is not valid', ({ storeCheckpoint }) => storeCheckpoint('w', -1), InvalidOptionsError],
      ['a watcher id is not valid', ({ storeCheckpoint }) => storeCheckpoint(' ', 1), InvalidOptionsError],
      ['a dead letter is not valid', ({ deleteDeadLetter }) => deleteDeadLetter('w', 0), InvalidOptionsError],
      ['a request is not valid', ({ storeEvent }) => storeEvent({} as never), InvalidRequestError],
      ['the work function returns a Promise', () => Promise.resolve(), InvalidRequestError],
    ])('a transaction of a store stores nothing if %s', async (_name, fail, errorClass) => {
      const store = await openJobs(open, 1);

      const failure = await failureOf(
        inTransaction(store, (functions) => {
          functions.storeEvent(request('CREATE', 'Derived', 1));
          functions.storeCheckpoint('w', 1);
          return fail(functions);
        }),
      );

      expect(failure).toBeInstanceOf(errorClass);
      expect(await derivedIn(store)).toEqual([]);
      expect(await checkpointOf(store)).toBeUndefined();
    });

    test('the functions that a transaction passes to the work function throw after the transaction has ended', async () => {
      const store = await open();
      let retained: TransactionFunctions | undefined;
      await inTransaction(store, (functions) => {
        retained = functions;
      });

      expect(() => retained?.storeEvent(request('CREATE', 'Derived', 1))).toThrow(InvalidRequestError);
      expect(() => retained?.storeCheckpoint('w', 1)).toThrow(InvalidRequestError);
      expect(() => retained?.deleteDeadLetter('w', 1)).toThrow(InvalidRequestError);
      expect(await derivedIn(store)).toEqual([]);
    });
  });

  describe('a watcher with a transaction handler', () => {
    const start = (store: EventStore, transactionHandler: TransactionHandler, options: WatcherOptions = {}) =>
      createManager(store).create('w', { ...JOBS, ...options, transactionHandler, autoStart: true });

    test('a transaction handler stores its events and the checkpoint together, once for each event', async () => {
      const store = await openJobs(open, 250, { scheduler: asyncScheduler });
      const watcher = start(store, derive(), { maxBatch: 100 });

      await passed(watcher, 250);
      await caughtUp(watcher);
      await watcher.stop();

      expect(await derivedIn(store)).toEqual(span(1, 250));
      expect(await checkpointOf(store)).toBe(500);
    });

    test('a transaction handler is called again for all events of a transaction that was rolled back, and each event is stored once', async () => {
      const store = await openJobs(open, 6, { scheduler: asyncScheduler });
      let isFailed = false;
      const handler = derive((seqNum) => {
        if (seqNum !== 4 || isFailed) return;
        isFailed = true;
        throw new Error('not now');
      });
      const watcher = createManager(store).create('w', {
        ...JOBS,
        transactionHandler: handler,
        initialBackoff: 1,
      });
      const outcomes = nextOutcomes(watcher.outcomes$, 6);
      watcher.start();

      expect(await outcomes).toEqual(span(1, 6).map((n) => [n, 'handled', n === 4 ? 2 : 1]));
      expect(await derivedIn(store)).toEqual(span(1, 6));
      await watcher.stop();
    });

    test('a transaction handler that fails for an event stores a dead letter, and none of the events of its failed attempts', async () => {
      if (!supports.deadLetters) return;
      const store = await openJobs(open, 4, { scheduler: asyncScheduler });
      const handler = derive((seqNum) => {
        if (seqNum === 2) throw new Error('never');
      });
      const watcher = start(store, handler, {
        retryStrategy: 'deadLetter',
        maxRetries: 1,
        initialBackoff: 1,
      });

      await passed(watcher, 4);
      await watcher.stop();

      expect(await deadLettersOf(store)).toMatchObject([{ seqNum: 2, attempts: 2 }]);
      expect(await derivedIn(store)).toEqual([1, 3, 4]);
    });

    test('a watcher with a transaction handler deletes a dead letter in the transaction that handles its event', async () => {
      if (!supports.deadLetters) return;
      const store = await openJobs(open, 2, { scheduler: asyncScheduler });
      let isRepaired = false;
      const manager = createManager(store);
      const watcher = manager.create('w', {
        ...JOBS,
        transactionHandler: derive((seqNum) => {
          if (seqNum === 1 && !isRepaired) throw new Error('not yet');
        }),
        retryStrategy: 'deadLetter',
        maxRetries: 0,
        autoStart: true,
      });
      await passed(watcher, 2);
      isRepaired = true;

      expect(await manager.redrive('w')).toMatchObject([{ seqNum: 1, status: 'handled', attempts: 2 }]);

      expect(await deadLettersOf(store)).toEqual([]);
      expect(await derivedIn(store)).toEqual([2, 1]);
      await watcher.stop();
    });

    test('a watcher with a transaction handler stores nothing, not even the checkpoint, if its transaction cannot be committed', async () => {
      const store = await openJobs(open, 3, { scheduler: asyncScheduler });
      let transactions = 0;
      const view: EventStore = {
        ...store,
        transaction: (work) =>
          store.transaction?.((...functions) => {
            const result = work(...functions);
            if (++transactions === 1) throw new StoreError('the disk is full');
            return result;
          }) as never,
      };
      const manager = createManager(view);
      const watcher = manager.create('w', { ...JOBS, transactionHandler: derive(), autoStart: true });

      await firstValueFrom(watcher.stats$.pipe(filter(({ lastError }) => lastError !== undefined)));

      expect([await derivedIn(store), await checkpointOf(store)]).toEqual([[], 0]);
      await passed(watcher, 3);
      expect(await derivedIn(store)).toEqual(span(1, 3));
      await watcher.stop();
    });

    test('a watcher with a transaction handler fails and stores nothing if another writer has moved the checkpoint', async () => {
      const store = await openJobs(open, 2, { scheduler: asyncScheduler });
      const watcher = start(store, derive(), { initialBackoff: 1 });
      await passed(watcher, 2);
      await caughtUp(watcher);
      await store.storeCheckpoint('w', 1);

      await store.storeEvent(request('CREATE', 'Job'));

      expect((await statsIn(watcher, 'failed')).lastError).toMatchObject({ code: 'ERR_CHECKPOINT' });
      expect(await derivedIn(store)).toEqual([1, 2]);
      expect(await checkpointOf(store)).toBe(1);
    });

    test('a watcher with a transaction handler stores nothing after its lease was lost', async () => {
      if (!supports.leases) return;
      const store = await openJobs(open, 3, { scheduler: asyncScheduler });
      let isGranted = false;
      const view: EventStore = {
        ...store,
        // Simulate another process that acquires the lease before the transaction, while the watcher has not noticed the
        // loss.
        async transaction(work) {
          if (!isGranted) await grant(store, { owner: 'second', token: 2 });
          isGranted = true;
          return store.transaction?.(work) as never;
        },
      };
      const manager = createManager(view, { lease: { owner: 'first' } });
      const watcher = manager.create('w', { ...JOBS, transactionHandler: derive(), autoStart: true });

      const deposed$ = watcher.stats$.pipe(
        filter(({ state, lastError }) => state === 'standby' && lastError !== undefined),
      );
      const { lastError } = await firstValueFrom(deposed$);

      expect(lastError).toMatchObject({ code: 'ERR_LEASE_LOST', token: 1 });
      expect(await derivedIn(store)).toEqual([]);
      expect(await checkpointOf(store)).toBe(0);
      await watcher.stop();
    });
  });
};

export const describeMissingTransactions = ({ expect, test, open }: StoreSuite) =>
  test('the method create of a manager rejects a transaction handler if the engine has no transactions', async () => {
    const store = await open();
    if (store.transaction !== undefined) return;

    const failure = await failureOf(
      (async () => createManager(store).create('w', { transactionHandler: noop }))(),
    );

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual(['transactionHandler']);
  });
