// The work of a watcher, written by hand on lmdb-js without rx-watcher: reads pages, awaits a handler, and stores checkpoints.
// Each event is one JSON value.
import { concatMap, from, groupBy, lastValueFrom, mergeMap } from 'rxjs';

const PAGE = 1000;
const CHECKPOINT = 'checkpoint';

/** Lets other work of the process run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Reads the next page as an array, because an iterator of LMDB must not stay open while a handler runs. */
function pageAfter(raw, after, limit = PAGE) {
  const page = [];
  for (const event of raw.getRange({ start: after + 1, end: Number.POSITIVE_INFINITY, limit }))
    page.push(event);
  return page;
}

/** Stores a checkpoint as the library does: durably, one write at a time, and always the newest position. */
function checkpointOf(raw) {
  let newest = 0;
  let stored = 0;
  let writing;
  const write = async () => {
    while (stored < newest) {
      const seqNum = newest;
      await raw.put(CHECKPOINT, seqNum);
      stored = seqNum;
    }
    writing = undefined;
  };
  return {
    moveTo(seqNum) {
      newest = seqNum;
      writing ??= write();
    },
    flushed: () => writing,
  };
}

/** Awaits the handler for one event after another. */
export async function inOrder(raw, handler) {
  const checkpoint = checkpointOf(raw);
  let after = 0;
  for (let page = pageAfter(raw, after); page.length > 0; page = pageAfter(raw, after)) {
    for (const { key, value } of page) {
      await handler(value);
      checkpoint.moveTo(key);
      after = key;
    }
    await turn();
  }
  await checkpoint.flushed();
}

/**
 * Runs `loops` loops that share one queue of events and ignore keys: the upper limit for `concurrency`. The checkpoint stays
 * before the oldest event in flight.
 */
export async function inLoops(raw, loops, handler) {
  const checkpoint = checkpointOf(raw);
  const inFlight = new Set();
  let page = [];
  let taken = 0;
  let after = 0;
  const next = () => {
    if (taken === page.length) {
      page = pageAfter(raw, after);
      taken = 0;
    }
    const event = page[taken++];
    after = event?.key ?? after;
    return event;
  };
  const loop = async () => {
    for (let event = next(); event !== undefined; event = next()) {
      inFlight.add(event.key);
      await handler(event.value);
      inFlight.delete(event.key);
      const [oldest = after + 1] = inFlight;
      checkpoint.moveTo(oldest - 1);
    }
  };
  await Promise.all(Array.from({ length: loops }, loop));
  await checkpoint.flushed();
}

/**
 * Divides the keys among `groups` queues with `groupBy` and `concatMap`. Waits at the end of each page, because `concatMap`
 * does not limit its queue.
 */
export async function inGroups(raw, groups, handler) {
  const checkpoint = checkpointOf(raw);
  const inTurn = concatMap(({ value }) => handler(value));
  let after = 0;
  for (;;) {
    const page = pageAfter(raw, after, Math.max(PAGE, 10 * groups));
    if (page.length === 0) break;
    const grouped = from(page).pipe(groupBy(({ key }) => key % groups));
    await lastValueFrom(grouped.pipe(mergeMap((group) => group.pipe(inTurn))));
    after = page.at(-1).key;
    checkpoint.moveTo(after);
    await turn();
  }
  await checkpoint.flushed();
}
