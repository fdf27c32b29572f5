import type { Database } from 'lmdb';
import { createManager, type TransactionHandler } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { created, span } from '../../../src/testing/conformance/support/requests.ts';
import { nextOutcomes } from '../../../src/testing/conformance/support/watched.ts';
import { type Application, application } from '../../support/lmdb/application.ts';
import { openEnv } from '../../support/lmdb/lmdb-log.ts';
import { countingTransactions } from '../../support/watcher/projection.ts';

describe('a watcher with a transaction handler on LMDB', () => {
  let app: Application;
  let counts: Database<number, string>;

  beforeEach(async () => {
    app = await application();
    counts = app.env.openDB({ name: 'counts', encoding: 'json' });
  });
  afterEach(() => app.remove());

  /** Opens a store in the environment of the application, in real time. */
  const realStore = () => openLmdbStore({ env: app.env });

  const countOf = (key: string) => counts.get(key) ?? 0;

  it('a transaction handler writes to a table of the application, and can read its own writes', async () => {
    const store = realStore();
    await store.storeEvents(span(1, 2500).map(created));
    const watcher = createManager(store).create('counter', {
      transactionHandler: ({ seqNum }) => {
        void counts.put('events', countOf('events') + 1);
        void counts.put('sum', countOf('sum') + seqNum);
      },
      autoStart: true,
    });

    await lastValueFrom(watcher.whenProcessed(2500));

    expect([countOf('events'), countOf('sum')]).toEqual([2500, (2500 * 2501) / 2]);
    expect(await firstValueFrom(store.getCheckpoint('counter'))).toBe(2500);
    await watcher.stop();
    await store.close();
  });

  it('the writes of a transaction handler for a failed event are rolled back, and the writes for other events are committed once', async () => {
    const store = realStore();
    await store.storeEvents(span(1, 5).map(created));
    let attempts = 0;
    const watcher = createManager(store).create('counter', {
      transactionHandler: ({ seqNum }) => {
        void counts.put('sum', countOf('sum') + seqNum);
        if (seqNum === 4 && ++attempts < 3) throw new Error('not now');
      },
      initialBackoff: 1,
    });
    const outcomes = nextOutcomes(watcher.outcomes$, 5);
    watcher.start();

    expect(await outcomes).toEqual(span(1, 5).map((n) => [n, 'handled', n === 4 ? 3 : 1]));
    expect(countOf('sum')).toBe(15);
    await watcher.stop();
    await store.close();
  });

  it('a transaction ends when its time slice has ended, and other work of the process runs before the next transaction', async () => {
    const store = realStore();
    await store.storeEvents(span(1, 12).map(created));
    const counting = countingTransactions(store);
    const seen: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const turnsAt: number[] = [];
    const slow: TransactionHandler = ({ seqNum }, { storeEvent }) => {
      turnsAt.push(turns);
      const end = performance.now() + 5;
      while (performance.now() < end);
      seen.push(seqNum);
      storeEvent({ operation: 'CREATE', objectType: 'Derived', object: seqNum });
    };
    const watcher = createManager(counting.store).create('slow', {
      transactionHandler: slow,
      filter: { objectTypes: ['Job'] },
      autoStart: true,
    });

    await lastValueFrom(watcher.whenProcessed(12));
    clearInterval(timer);
    await watcher.stop();

    expect(seen).toEqual(span(1, 12));
    // A transaction ends after a time slice of 8 ms, in which at most two events are handled.
    expect(Math.max(...counting.counts)).toBeLessThanOrEqual(2);
    expect(turnsAt.at(-1)).toBeGreaterThan(turnsAt[0] as number);
    await store.close();
  });

  it('the transactions of a watcher are not affected by failing transactions of the application on the same environment', async () => {
    const store = realStore();
    await store.storeEvents(span(1, 300).map(created));
    const watcher = createManager(store).create('counter', {
      transactionHandler: () => void counts.put('events', countOf('events') + 1),
      maxBatch: 10,
      autoStart: true,
    });
    const processed = lastValueFrom(watcher.whenProcessed(300));
    for (const n of span(1, 20)) {
      const own = store.transaction(() => {
        void counts.put('own', countOf('own') + 1);
        if (n % 2 === 0) throw new Error('no');
      });
      await (n % 2 === 0 ? failureOf(own) : own);
    }
    await processed;

    expect([countOf('events'), countOf('own')]).toEqual([300, 10]);
    await watcher.stop();
    await store.close();
  });

  it('two runs of a watcher on one file without a lease commit each event once, and one of the two runs fails', async () => {
    const path = app.directory.file('shared.lmdb');
    const env = openEnv(path);
    const table = env.openDB<number, string>({ name: 'counts', encoding: 'json' });
    const stores = [openLmdbStore({ env }), openLmdbStore({ env })] as const;
    await stores[0].storeEvents(span(1, 500).map(created));
    const watchers = stores.map((store) =>
      createManager(store).create('counter', {
        transactionHandler: () => void table.put('events', (table.get('events') ?? 0) + 1),
        maxBatch: 20,
        autoStart: true,
      }),
    );

    await Promise.any(watchers.map((watcher) => lastValueFrom(watcher.whenProcessed(500))));
    await Promise.all(watchers.map((watcher) => watcher.stop()));

    expect(table.get('events')).toBe(500);
    expect(watchers.map((watcher) => watcher.stats().lastError?.name)).toContain('CheckpointError');
    await Promise.all(stores.map((store) => store.close()));
    await env.close();
  });
});
