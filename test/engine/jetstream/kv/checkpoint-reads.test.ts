import { Kvm } from '@nats-io/kv';
import { defer } from 'rxjs';
import { expect, test } from 'vitest';
import { createCheckpointsTable } from '../../../../src/engine/jetstream/kv/checkpoints-table.ts';
import { createKvTable } from '../../../../src/engine/jetstream/kv/kv-table.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

/** Opens two tables of one bucket, as two processes would. Counts the reads of all keys by the first table. */
async function openTables() {
  const { connection, manager } = await rawStream(streams.server.url);
  const name = streams.nextStream();
  const bucket = await new Kvm(connection).create(name);
  const table = createKvTable(bucket, { manager, name }, (_, send) => defer(send));
  const reads = { all: 0 };
  const counting = {
    ...table,
    all: (prefix: string) => {
      reads.all++;
      return table.all(prefix);
    },
  };
  const stream = { stream: 'events', created: '2026-01-01T00:00:00Z' };
  return {
    table: createCheckpointsTable(counting, stream),
    other: createCheckpointsTable(table, stream),
    bucket: table,
    reads,
  };
}

test('below() of the checkpoints table reads all checkpoints again only if the lowest one is below the bound', async () => {
  const { table, other, bucket, reads } = await openTables();
  await table.store('v', 100);
  await table.store('w', 200);
  expect(await table.below(50)).toBe(50);

  expect(await table.below(60)).toBe(60);
  await table.store('v', 110);
  expect(await table.below(60)).toBe(60);
  await bucket.set('other', Buffer.from('x'));
  expect(await table.below(60)).toBe(60);
  await other.store('new', 20);
  expect(await table.below(60)).toBe(20);

  // The lowest known checkpoint is below the bound and may have increased, so this call reads all keys a second time.
  expect(await table.below(60)).toBe(20);
  expect(reads.all).toBe(2);
});
