import type { EventStore } from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { leaseOf } from '../../../../src/testing/conformance/support/held-lease.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { eachStream, FAST_RECONNECT } from '../../../support/jetstream/each-stream.ts';
import type { Program } from '../../../support/program.ts';
import { describeLeaseSharing } from '../../describe-lease-sharing.ts';
import { describePartitionSharing } from '../../describe-partition-sharing.ts';
import { begunBy, type SharedLog } from '../../lease-sharing.ts';
import { startPair } from '../../start-pair.ts';

const streams = eachStream();

/** Waits until a program prints this state, with or without an error code. */
async function stateOf(program: Program, state: string): Promise<void> {
  while ((await program.readLine()).split(' ')[0] !== state);
}

describe('processes that share a watcher by a lease on JetStream', () => {
  let log: SharedLog;
  let store: EventStore;

  eachDirectory(async (directory) => {
    const options = {
      servers: streams.server.url,
      stream: streams.nextStream(),
      connectionOptions: FAST_RECONNECT,
    };
    store = await openJetStreamStore(options);
    log = { store, options, notes: directory.file('notes') };
  });
  afterEach(async () => {
    await store.close();
  });

  describeLeaseSharing(() => log);
  describe('processes that share the partitions of a watcher', () => describePartitionSharing(() => log));

  test('another process takes over the lease of a process that loses its connection to the server', async () => {
    await store.storeEvents(span(1, 9).map(created));
    const proxy = await streams.proxy();
    const cutOff = { ...log, options: { ...log.options, servers: proxy.url } };
    const [first, second] = await startPair(log, cutOff);

    proxy.refuse(true);
    proxy.cut();
    await first.readUntil('standby ERR_LEASE_LOST');
    first.writeLine('go on'); // ends the attempt at event 5, which the second process now handles
    await second.readUntil('begin 9');
    proxy.refuse(false);
    await store.storeEvent(created(10));
    await second.readUntil('begin 10');
    await second.end();
    await stateOf(first, 'running');
    await store.storeEvent(created(11));
    await first.readUntil('begin 11');
    first.writeLine('go on');
    await first.end();

    expect(await begunBy(log, 'first')).toEqual([...span(1, 5), 11]);
    const handled = await begunBy(log, 'second');
    expect(handled).toEqual(span(handled[0] as number, 10));
    expect(handled[0]).toBeLessThanOrEqual(5);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(11);
    expect(await leaseOf(store)).toMatchObject({ token: 3 });
  });
});
