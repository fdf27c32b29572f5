import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { jsonSerializer, messagePackSerializer, type Serializer } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, it } from 'vitest';
import { testFile } from '../support/lmdb/test-store.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { documentsOf, expectFailure, outputOf, runCommand } from './command.ts';
import { numberedLog } from './numbered-log.ts';

const line = (seqNum: number, more: object = {}): string =>
  `${JSON.stringify({ seqNum, timestamp: '2026-01-31T12:00:00.000Z', operation: 'CREATE', objectType: 'Job', object: seqNum, ...more })}\n`;

describe('the commands export and import', () => {
  it('the commands export and import keep the numbers, timestamps, keys, ids, metadata and objects of events', async () => {
    const source = await numberedLog(2500);
    const target = testFile();
    const file = join(testDirectory(), 'events.ndjson');
    expect((await runCommand(['export', source, file])).stderr).toMatch(/exported 2,500 events\n$/);
    expect((await runCommand(['import', target, file])).stderr).toMatch(/imported 2,500 events\n$/);
    expect(await outputOf(['export', target])).toBe(readFileSync(file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('the commands export and import keep the sequence numbers of a log that does not begin with 1', async () => {
    const target = testFile();
    await outputOf(['import', target], { input: line(8) + line(9) });
    expect(await documentsOf(['tail', target])).toMatchObject([{ seqNum: 8 }, { seqNum: 9 }]);
  });
});

describe('the command export', () => {
  it('the command export does not overwrite an existing file', async () => {
    const file = join(testDirectory(), 'events.ndjson');
    writeFileSync(file, 'mine');
    const message = /cannot create '.*': the file exists, and no file is overwritten/;
    expectFailure(await runCommand(['export', await numberedLog(1), file]), 1, message);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('the command export writes dates and bytes of MessagePack as text', async () => {
    const path = testFile();
    const store = openLmdbStore({ path, serializer: messagePackSerializer() });
    const object = { at: new Date(0), bytes: Uint8Array.of(1, 2) };
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object });
    await store.close();
    const [event] = await documentsOf(['export', path]);
    expect(event).toMatchObject({ object: { at: '1970-01-01T00:00:00.000Z', bytes: 'AQI=' } });
  });

  it('the command export removes its incomplete file if an object is neither JSON nor MessagePack', async () => {
    const path = testFile();
    const reversed = (bytes: Uint8Array) => Uint8Array.from(bytes).reverse();
    const json = jsonSerializer();
    const serializer: Serializer = {
      encode: (object, type) => E.map(reversed)(json.encode(object, type)),
      decode: (bytes, type) => json.decode(reversed(bytes), type),
    };
    const store = openLmdbStore({ path, serializer });
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: {} });
    await store.close();
    const file = join(testDirectory(), 'events.ndjson');
    expectFailure(
      await runCommand(['export', path, file]),
      1,
      /cannot export event 1: its object is neither JSON nor/,
    );
    expect(existsSync(file)).toBe(false);
    expect(await documentsOf(['tail', path])).toMatchObject([{ seqNum: 1, payload: 'fXs=' }]);
  });
});

describe('the command import', () => {
  it('the command import continues after the events that the store already contains', async () => {
    const target = testFile();
    await outputOf(['import', target], { input: line(1) + line(2) });
    const { exit, stderr } = await runCommand(['import', target], { input: line(1) + line(2) + line(3) });
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: 'rx-watcher: imported 1 events; 2 were already there\n',
    });
  });

  it.each([
    ['text that is not JSON', 'nope\n', /line 1: must be JSON/],
    ['a list', `${line(1)}[]\n`, /line 2: must be an event/],
    ['an event without a number', line(1, { seqNum: undefined }), /line 1: seqNum must be a whole number/],
    ['an event without a timestamp', line(1, { timestamp: 'noon' }), /line 1: timestamp must be a date/],
    ['an event without an object', line(1, { object: undefined }), /line 1: object is missing/],
  ])('the command import rejects %s before the log is created', async (_, input, message) => {
    const target = testFile();
    expectFailure(await runCommand(['import', target], { input }), 1, message);
    expect(existsSync(target)).toBe(false);
  });

  it.each([
    ['an unknown operation', line(4, { operation: 'DROP' }), /lines 1 to 1: .*operation/],
    ['a gap in the numbers', line(4) + line(6), /lines 1 to 2: .*seqNum/],
    ['a gap after the last event', line(5), /line 1: the event after 3 must be 4; received 5/],
    [
      'another event with the number of the last one',
      line(3, { object: 0 }),
      /line 1: the store has a different event with the number 3/,
    ],
  ])('the command import rejects %s without storing an event', async (_, input, message) => {
    const target = testFile();
    await outputOf(['import', target], { input: line(1) + line(2) + line(3) });
    expectFailure(await runCommand(['import', target], { input }), 1, message);
    expect(await documentsOf(['tail', target])).toHaveLength(3);
  });

  it('the command import reports a file that cannot be read', async () => {
    const directory = testDirectory();
    const target = testFile();
    expectFailure(
      await runCommand(['import', target, join(directory, 'none')]),
      1,
      /cannot read '.*none': ENOENT/,
    );
    expectFailure(await runCommand(['import', target, directory]), 1, /cannot read '.*': it is a directory/);
    expect(existsSync(target)).toBe(false);
  });
});
