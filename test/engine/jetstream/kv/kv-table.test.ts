import { Kvm } from '@nats-io/kv';
import { defer } from 'rxjs';
import { expect, test } from 'vitest';
import { createKvTable, type KvRow } from '../../../../src/engine/jetstream/kv/kv-table.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { rawStream } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

const bytes = (text: string) => Buffer.from(text);
const textsOf = (rows: readonly KvRow[] = []) =>
  rows.map(({ key, value }) => [key, Buffer.from(value).toString()]);

/**
 * Opens a table of a new bucket. The function `afterNextAnswer` registers a callback for the next answer of the server. The
 * table receives the answer only when the callback has ended.
 */
async function openTable() {
  const { connection, manager } = await rawStream(streams.server.url);
  const name = streams.nextStream();
  const bucket = await new Kvm(connection).create(name, { history: 1, allow_direct: false });
  let onAnswer: (() => Promise<unknown>) | undefined;
  const interrupted = async <T>(answer: T): Promise<T> => {
    const interrupt = onAnswer;
    onAnswer = undefined;
    await interrupt?.();
    return answer;
  };
  const table = createKvTable(bucket, { manager, name }, (_, send) =>
    defer(async () => interrupted(await send())),
  );
  return {
    table,
    bucket,
    afterNextAnswer: (interrupt: () => Promise<unknown>) => {
      onAnswer = interrupt;
    },
  };
}

test('all() of a table on JetStream returns the remaining rows if rows are deleted while it reads', async () => {
  const { table, bucket, afterNextAnswer } = await openTable();
  for (const n of span(1, 6)) await table.set(`row.${n}`, bytes(`${n}`));
  afterNextAnswer(async () => {
    await table.delete('row.6');
    await bucket.delete('row.1');
  });

  expect(textsOf(await table.all('row'))).toEqual([2, 3, 4, 5].map((n) => [`row.${n}`, `${n}`]));
});

test('all() of a table on JetStream returns rows in the order of their last writes', async () => {
  const { table } = await openTable();
  for (const n of [1, 2, 3, 1]) await table.set(`row.${n}`, bytes(`${n}`));
  await table.set('other.1', bytes('x'));

  expect(textsOf(await table.all('row')).map(([key]) => key)).toEqual(['row.2', 'row.3', 'row.1']);
});

test('delete() of a table on JetStream removes a key and its revision, and keys() does not return the key afterwards', async () => {
  const { table } = await openTable();
  await table.set('row.1', bytes('a'));
  await table.set('row.2', bytes('b'));

  await table.delete('row.1');

  expect(await table.keys('row')).toEqual(['row.2']);
  expect(await table.get('row.1')).toEqual({ value: undefined, revision: 0 });
});

test('delete() of a table on JetStream with an old revision keeps a value that was written later', async () => {
  const { table } = await openTable();
  const first = await table.put('row.1', bytes('a'), 0);
  const second = await table.put('row.1', bytes('b'), first);

  await table.delete('row.1', first);
  expect(await table.get('row.1')).toMatchObject({ revision: second });
  await table.delete('row.1', second);
  expect(await table.get('row.1')).toEqual({ value: undefined, revision: 0 });
});

test('changed() of a table on JetStream ends even if the newest write of the bucket was deleted', async () => {
  const { table } = await openTable();
  await table.set('row.1', bytes('a'));
  const after = await table.revision();
  await table.set('row.2', bytes('b'));
  await table.set('other.1', bytes('x'));
  await table.delete('other.1');

  expect(textsOf(await table.changed('row', after, 10))).toEqual([['row.2', 'b']]);
  expect(await table.changed('row', after + 1, 10)).toEqual([]);
});

test('changed() of a table on JetStream returns undefined if more rows than its limit were written', async () => {
  const { table } = await openTable();
  for (const n of span(1, 4)) await table.set(`row.${n}`, bytes(`${n}`));

  expect(await table.changed('row', 1, 3)).toHaveLength(3);
  expect(await table.changed('row', 0, 3)).toBeUndefined();
});
