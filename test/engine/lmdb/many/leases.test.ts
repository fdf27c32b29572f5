import type { EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { afterEach, describe, expect, test } from 'vitest';
import { leaseOf } from '../../../../src/testing/conformance/support/held-lease.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { describeLeaseSharing } from '../../describe-lease-sharing.ts';
import { describePartitionSharing } from '../../describe-partition-sharing.ts';
import { notesOf, type SharedLog, startSharing, startSharingThread } from '../../lease-sharing.ts';

/** Lease duration in milliseconds. No lease expires during a test, so that a takeover proves a release. */
const LONG = 1_000_000;

describe('processes that share a watcher by a lease', () => {
  let log: SharedLog;
  let store: EventStore;

  eachDirectory((directory) => {
    const path = directory.file('events.lmdb');
    store = openLmdbStore({ path });
    log = { store, options: { path }, notes: directory.file('notes') };
  });
  afterEach(async () => {
    await store.close();
  });

  describeLeaseSharing(() => log);
  describe('processes that share the partitions of a watcher', () => describePartitionSharing(() => log));

  test('a standby process takes over the lease immediately when the thread that holds it ends', async () => {
    await store.storeEvents(span(1, 3).map(created));
    const thread = startSharingThread(log, 'thread', 'turns', LONG);
    await thread.readUntil('begin 3');
    const other = startSharing(log, 'process', 'turns', LONG);
    await other.readUntil('standby');

    await thread.end();
    await other.readUntil('running');
    await store.storeEvent(created(4));
    await other.readUntil('begin 4');
    await other.end();

    expect((await notesOf(log)).map((line) => line.join(' ')).slice(-4)).toEqual([
      'thread begin 3',
      'thread end 3',
      'process begin 4',
      'process end 4',
    ]);
    expect(await leaseOf(store)).toMatchObject({ token: 2 });
    expect(await leaseOf(store)).not.toHaveProperty('owner');
  });
});
