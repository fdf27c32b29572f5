import { describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { createEventStore, type EventLog, type ReadRequest, trimHorizon } from '../../../src/index.ts';
import { draft } from '../../../src/testing/conformance/log-fixture.ts';
import { resolveWatchOptions } from '../../../src/watcher/watch-options.ts';
import { eachDirectory } from '../../conformance/each-directory.ts';
import { openLmdbLog } from '../../conformance/lmdb-log.ts';
import { isOfOneShape } from './have-one-shape.ts';

const ALL = { after: 0, filter: undefined, maxScanned: 10, limit: 10, maxBytes: 1000 };

describe('has one shape in V8 each time', () => {
  let log: EventLog;
  eachDirectory((directory) => {
    log = openLmdbLog(directory.file('events.lmdb'));
  });

  test('what the options of a watcher are resolved to', () => {
    const options = { handler: () => undefined, batchSize: 10 };

    expect(isOfOneShape(() => resolveWatchOptions(options))).toBe(true);
  });

  test('what a log is asked for a page', async () => {
    const requests: ReadRequest[] = [];
    const read: EventLog['read'] = (request) => {
      requests.push(request);
      return log.read(request);
    };
    const store = createEventStore({ ...log, read }, {});
    const ask = (): object => {
      store.getEvents({ iterator: trimHorizon(), longPollingTimeout: 0 }).subscribe();
      return requests.at(-1) as ReadRequest;
    };

    expect(isOfOneShape(ask)).toBe(true);
    await store.close();
  });

  test('a page of a log on LMDB', async () => {
    const pages: object[] = [];
    const page = (): object => {
      log.read(ALL).subscribe((read) => pages.push(read));
      return pages.at(-1) as object;
    };

    expect(isOfOneShape(page)).toBe(true);
    await log.close();
  });

  test('a record of a log in memory', async () => {
    const inMemory = createMemoryEventLog();
    for (let append = 0; append < 50; append++) await inMemory.append([draft(`${append}`)], 7);
    const records: object[] = [];
    inMemory.read({ ...ALL, maxScanned: 50, limit: 50 }).subscribe((page) => records.push(...page.records));

    expect(isOfOneShape(() => records.shift() as object)).toBe(true);
    expect(records).toEqual([]);
  });
});
