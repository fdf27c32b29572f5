import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { createEventStore, type EventLog, type ReadRequest, trimHorizon } from '../../../src/index.ts';
import { draft } from '../../../src/testing/conformance/log-fixture.ts';
import { resolveWatchOptions } from '../../../src/watcher/watch-options.ts';
import { eachDirectory } from '../../support/each-directory.ts';
import { openLmdbLog } from '../../support/lmdb/lmdb-log.ts';

setFlagsFromString('--allow-natives-syntax');

const haveSameMap: (left: object, right: object) => boolean = runInThisContext(
  '(left, right) => %HaveSameMap(left, right)',
);

/** Number of calls after which V8 has chosen the final shape of the objects. */
const CALLS = 50;

/** Returns whether a function creates objects of one shape (hidden class). V8 reads properties of one shape quickly. */
function isOfOneShape(create: () => object): boolean {
  const objects = Array.from({ length: CALLS }, create);
  return haveSameMap(objects.at(-2) as object, objects.at(-1) as object);
}

const ALL = { after: 0, filter: undefined, maxScanned: 10, limit: 10, maxBytes: 1000 };

describe('objects that the library creates for every read or event', () => {
  let log: EventLog;
  eachDirectory((directory) => {
    log = openLmdbLog(directory.file('events.lmdb'));
  });

  test('the resolved options of all watchers have one shape in V8 (hidden class)', () => {
    const options = { handler: () => undefined, batchSize: 10 };

    expect(isOfOneShape(() => resolveWatchOptions(options))).toBe(true);
  });

  test('the read requests of a log have one shape in V8 (hidden class)', async () => {
    const requests: ReadRequest[] = [];
    const read: EventLog['read'] = (request) => {
      requests.push(request);
      return log.read(request);
    };
    const store = createEventStore({ ...log, read }, {});
    const readRequest = (): object => {
      store.getEvents({ iterator: trimHorizon(), longPollingTimeout: 0 }).subscribe();
      return requests.at(-1) as ReadRequest;
    };

    expect(isOfOneShape(readRequest)).toBe(true);
    await store.close();
  });

  test('the pages of an LMDB log have one shape in V8 (hidden class)', async () => {
    const pages: object[] = [];
    const page = (): object => {
      log.read(ALL).subscribe((read) => pages.push(read));
      return pages.at(-1) as object;
    };

    expect(isOfOneShape(page)).toBe(true);
    await log.close();
  });

  test('the records of a memory log have one shape in V8 (hidden class)', async () => {
    const inMemory = createMemoryEventLog();
    for (let append = 0; append < 50; append++) await inMemory.append([draft(`${append}`)], 7);
    const records: object[] = [];
    inMemory.read({ ...ALL, maxScanned: 50, limit: 50 }).subscribe((page) => records.push(...page.records));

    expect(isOfOneShape(() => records.shift() as object)).toBe(true);
    expect(records).toEqual([]);
  });
});
