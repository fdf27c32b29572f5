import { describe, expect, it } from 'vitest';
import type { EventPage, EventRow } from '../../../src/inspector/api.ts';
import {
  createDenseList,
  createFilteredList,
  type EventList,
  PAGE_SIZE,
  type PageRequest,
} from '../../../src/inspector/page/data/event-list.ts';
import { nextTurn } from '../../support/next-turn.ts';

const event = (seqNum: number): EventRow => ({
  seqNum,
  timestamp: new Date(seqNum).toISOString(),
  operation: 'CREATE',
  objectType: 'Order',
});

const range = (first: number, last: number): readonly EventRow[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => event(first + index));

/** Log of events from `oldest` to `latest`, which records the requests and can fail. */
function createLog(oldest: number, latest: number, matches: (seqNum: number) => boolean = () => true) {
  const requests: PageRequest[] = [];
  const log = { requests, failure: undefined as Error | undefined };
  /** Number of events that one request scans. */
  const scanned = 1000;
  const load = async ({ from, before = latest + 1, limit }: PageRequest): Promise<EventPage> => {
    requests.push(from === undefined ? { before, limit } : { from, limit });
    if (log.failure) throw log.failure;
    const first = from ?? Math.max(oldest, before - scanned);
    const last = from === undefined ? before - 1 : from + limit - 1;
    const found = range(first, last).filter(({ seqNum }) => matches(seqNum));
    const events = from === undefined ? found.slice(-limit) : found;
    const start = from === undefined && found.length > limit ? (events[0]?.seqNum ?? first) : first;
    return {
      events,
      first: start,
      last,
      oldest,
      latest,
      next: null,
      previous: start > oldest ? start : null,
    };
  };
  return { log, load };
}

const seqNumAt = (list: EventList, index: number): number | string => {
  const row = list.row(index);
  return typeof row === 'string' ? row : row.seqNum;
};

describe('list of all events of the inspector', () => {
  it('the list of all events has a row for each sequence number, the newest first', async () => {
    const { load } = createLog(11, 100_010);
    const list = createDenseList({ load, onChange() {} }, { oldest: 11, latest: 100_010 });
    expect(list.count).toBe(100_000);
    list.show(0, 20);
    list.show(99_990, 99_999);
    expect(list.row(0)).toBe('loading');
    await nextTurn();
    expect([0, 20, 99_999].map((index) => seqNumAt(list, index))).toEqual([100_010, 99_990, 11]);
  });

  it('the list of all events requests only the pages of the rows that are shown', async () => {
    const { log, load } = createLog(1, 100_000);
    const list = createDenseList({ load, onChange() {} }, { oldest: 1, latest: 100_000 });
    list.show(50_000, 50_030);
    list.show(50_001, 50_031);
    await nextTurn();
    expect(log.requests).toEqual([{ from: 49_901, limit: PAGE_SIZE }]);
  });

  it('the list of all events requests no event before the oldest event', async () => {
    const { log, load } = createLog(31, 150);
    const list = createDenseList({ load, onChange() {} }, { oldest: 31, latest: 150 });
    list.show(0, 119);
    await nextTurn();
    expect(log.requests).toEqual([
      { from: 51, limit: 100 },
      { from: 31, limit: 20 },
    ]);
    expect(seqNumAt(list, 119)).toBe(31);
  });

  it('the list of all events forgets the pages that were read longest ago', async () => {
    const { log, load } = createLog(1, 100_000);
    const list = createDenseList({ load, onChange() {} }, { oldest: 1, latest: 100_000 });
    for (let page = 0; page < 300; page += 1) {
      list.show(page * PAGE_SIZE, page * PAGE_SIZE + 20);
      await nextTurn();
    }
    expect(list.row(0)).toBe('loading');
    expect(seqNumAt(list, 299 * PAGE_SIZE)).toBe(70_100);
    list.show(0, 20);
    await nextTurn();
    expect(seqNumAt(list, 0)).toBe(100_000);
    expect(log.requests).toHaveLength(301);
  });

  it('the list of all events shows an event as missing if the log has deleted it meanwhile', async () => {
    const { load } = createLog(1, 100);
    const trimmed = async (request: PageRequest, signal: AbortSignal) => {
      signal.throwIfAborted();
      const page = await load(request);
      return { ...page, events: page.events.filter(({ seqNum }) => seqNum > 40) };
    };
    const list = createDenseList({ load: trimmed, onChange() {} }, { oldest: 1, latest: 100 });
    list.show(0, 99);
    await nextTurn();
    expect([59, 60, 99].map((index) => seqNumAt(list, index))).toEqual([41, 'missing', 'missing']);
  });

  it('the list of all events adds each new event once, before the older events', async () => {
    const { load } = createLog(1, 100);
    const list = createDenseList({ load, onChange() {} }, { oldest: 1, latest: 100 });
    list.show(0, 20);
    await nextTurn();
    list.prepend(range(99, 102));
    list.prepend(range(102, 103));
    expect(list.count).toBe(103);
    expect([0, 1, 2, 3].map((index) => seqNumAt(list, index))).toEqual([103, 102, 101, 100]);
    expect([list.indexOf(103), list.indexOf(100), list.indexOf(1), list.indexOf(0)]).toEqual([
      0,
      3,
      102,
      undefined,
    ]);
    expect(list.newest).toBe(103);
  });

  it('the list of all events reports that it is too long after thousands of new events', () => {
    const { load } = createLog(1, 100);
    const list = createDenseList({ load, onChange() {} }, { oldest: 1, latest: 100 });
    expect(list.prepend(range(101, 1000))).toBe(true);
    expect(list.prepend(range(1001, 9000))).toBe(false);
  });

  it('the list of all events keeps the error of a request, and requests the shown rows again on demand', async () => {
    const { log, load } = createLog(1, 100);
    const list = createDenseList({ load, onChange() {} }, { oldest: 1, latest: 100 });
    log.failure = new Error('no connection');
    list.show(0, 20);
    await nextTurn();
    expect(list.error).toBe(log.failure);
    list.show(0, 21);
    expect(log.requests).toHaveLength(1);
    log.failure = undefined;
    list.retry();
    await nextTurn();
    expect([list.error, seqNumAt(list, 0)]).toEqual([undefined, 100]);
  });
});

describe('list of the events that match a filter of the inspector', () => {
  it('a filtered list of events searches on through pages without a match until the visible rows are filled', async () => {
    const { log, load } = createLog(1, 10_000, (seqNum) => seqNum <= 500);
    const list = createFilteredList({ load, onChange() {} }, undefined);
    list.show(0, 20);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect([list.count, seqNumAt(list, 0), list.isComplete]).toEqual([100, 500, false]);
    expect(log.requests).toHaveLength(10);
  });

  it('a filtered list of events is complete when the search has reached the oldest event', async () => {
    const { load } = createLog(1, 1500, (seqNum) => seqNum % 500 === 0);
    const list = createFilteredList({ load, onChange() {} }, undefined);
    list.show(0, 20);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect([0, 1, 2].map((index) => seqNumAt(list, index))).toEqual([1500, 1000, 500]);
    expect([list.count, list.isComplete, list.searchedTo]).toEqual([3, true, undefined]);
  });

  it('a filtered list of events continues after an error on demand', async () => {
    const { log, load } = createLog(1, 100);
    const list = createFilteredList({ load, onChange() {} }, undefined);
    log.failure = new Error('no connection');
    list.show(0, 20);
    await nextTurn();
    expect([list.error, list.count]).toEqual([log.failure, 0]);
    log.failure = undefined;
    list.retry();
    await nextTurn();
    expect([list.error, list.count]).toEqual([undefined, 100]);
  });
});
