import { openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, it } from 'vitest';
import { testStore } from '../support/lmdb/test-store.ts';
import { documentsOf, outputOf, startCommand } from './command.ts';
import { followAppends } from './follow-appends.ts';
import { appendNumbered, numberedLog } from './numbered-log.ts';

const seqNumsOf = async (args: readonly string[]): Promise<readonly unknown[]> =>
  (await documentsOf(args)).map(({ seqNum }) => seqNum);

describe('the command tail', () => {
  it('the command tail prints the last ten events as lines of JSON if its output is a pipe', async () => {
    expect(await seqNumsOf(['tail', await numberedLog(25)])).toEqual([
      16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    ]);
  });

  it('the command tail prints the key, id and metadata of an event, and omits absent fields', async () => {
    const documents = await documentsOf(['tail', await numberedLog(20), '--from', '19']);
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(documents).toEqual([
      { seqNum: 19, timestamp, operation: 'CREATE', objectType: 'Order', key: 'k3', object: { n: 19 } },
      {
        seqNum: 20,
        timestamp,
        operation: 'UPDATE',
        objectType: 'Customer',
        id: 'id-20',
        metadata: { user: 'ann' },
        object: { n: 20 },
      },
    ]);
  });

  it.each([
    [
      ['--from', '3', '--limit', '2'],
      [3, 4],
    ],
    [['--from', 'trim_horizon', '--limit', '1'], [1]],
    [['--from', 'latest'], []],
    [['--from', '2h', '--limit', '1'], [1]],
    [['--since', '2h', '--limit', '1'], [1]],
    [['--since', '2050-01-31'], []],
    [['--from', '9', '--limit', '0'], []],
    [['--limit', '0'], []],
    [
      ['--limit', '2', '--type', 'Order'],
      [9, 11],
    ],
    [
      ['--limit', '2', '--operation', 'create'],
      [7, 10],
    ],
    [
      ['--limit', '2', '--key', 'k1', '--key', 'k2'],
      [9, 10],
    ],
    [['--type', 'Invoice'], []],
  ])('the command tail with the options %j prints the events %j', async (args, expected) => {
    expect(await seqNumsOf(['tail', await numberedLog(12), ...args])).toEqual(expected);
  });

  it('the command tail finds the last matching events even if they are far from the end of the log', async () => {
    const path = await numberedLog(1);
    const store = openLmdbStore({ path });
    for (let i = 0; i < 12; i++) {
      await store.storeEvents(
        Array.from({ length: 1000 }, () => ({ operation: 'CREATE', objectType: 'Job', object: 1 })),
      );
    }
    await store.close();
    expect(await seqNumsOf(['tail', path, '--type', 'Order'])).toEqual([1]);
  });

  it('the command tail prints CloudEvents with the given source, or with the store as their source', async () => {
    const path = await numberedLog(1);
    const [event] = await documentsOf(['tail', path, '--format', 'cloudevents']);
    expect(event).toMatchObject({ specversion: '1.0', source: path, type: 'Order.create', data: { n: 1 } });
    const [other] = await documentsOf(['tail', path, '--format', 'cloudevents', '--source', '/orders']);
    expect(other).toMatchObject({ source: '/orders' });
  });

  it('the command tail prints appends of another process until Ctrl-C, and then ends without a message', async () => {
    const path = await numberedLog(3);
    const store = testStore({ path });
    expect(await followAppends(store, [path, '--limit', '1'])).toEqual([3, 4, 5]);
  });

  it('the command tail ends without a message when the reader of its output closes the pipe', async () => {
    const path = await numberedLog(3);
    const store = testStore({ path });
    const tail = startCommand(['tail', path, '--follow']);
    await tail.printed('"n":3');
    tail.stopReading();
    await appendNumbered(store, 4, 4);
    expect(await tail.ended).toMatchObject({ exit: 0, stderr: '' });
  });

  it('the commands tail and get escape control characters and characters that reorder text', async () => {
    const path = await numberedLog(0);
    const store = testStore({ path });
    const nasty = '\u001b[2J\u009b\u202e\r\n';
    await store.storeEvent({
      operation: 'CREATE',
      objectType: `Job${nasty}`,
      key: `k${nasty}`,
      metadata: { [`m${nasty}`]: nasty },
      object: { text: nasty },
    });
    for (const args of [
      ['tail', path],
      ['tail', path, '--format', 'table'],
      ['get', path, '1'],
      ['get', path, '1', '--json'],
    ]) {
      const output = await outputOf(args);
      expect(output).toContain('\\u001b[2J\\u009b\\u202e');
      expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    }
    const [event] = await documentsOf(['tail', path]);
    expect(event).toMatchObject({ key: `k${nasty}`, object: { text: nasty } });
  });
});

describe('the command get', () => {
  it('the command get prints the fields of an event and its object', async () => {
    const output = await outputOf(['get', await numberedLog(5), '5']);
    expect(output).toMatch(/^seqNum +5\n/);
    expect(output).toMatch(/^metadata\.user +ann$/m);
    expect(output).toMatch(/\n\n{\n {2}"n": 5\n}\n$/);
  });

  it('the command get prints a JSON document with --json', async () => {
    const document = JSON.parse(await outputOf(['get', await numberedLog(5), '5', '--json']));
    expect(document).toMatchObject({ seqNum: 5, id: 'id-5', object: { n: 5 } });
  });
});
