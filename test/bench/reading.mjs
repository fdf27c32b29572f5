import { trimHorizon, watch } from 'rx-watcher';
import { count, lastValueFrom, reduce, take } from 'rxjs';
import { expectCount } from './expect-count.mjs';

let watchers = 0;

/** Returns a new id of a watcher. It contains the process id, because a file can have checkpoints of earlier processes. */
const nextId = () => `bench-${process.pid}-${watchers++}`;

/** Replays a whole log through `events()`, reads each object or none, and checks the number of events. */
export async function replay(store, expected, { read = true, filter } = {}) {
  const seen = read
    ? reduce((total, { object }) => (object === undefined ? total : total + 1), 0)
    : reduce((total) => total + 1, 0);
  const events = store.events(trimHorizon(), { live: false, filter });
  expectCount('events replayed', await lastValueFrom(events.pipe(seen)), expected);
}

/** Replays a log through `headers()`, which reads no payload. */
export async function replayHeaders(store, expected) {
  const headers = store.headers(trimHorizon(), { live: false });
  expectCount('headers replayed', await lastValueFrom(headers.pipe(count())), expected);
}

/** Replays a whole log through a new watcher, up to the last event that matches the filter. */
export async function watchAll(store, expected, options = {}) {
  const handler = ({ object }) => void object;
  const outcomes = watch(store, nextId(), { handler, ...options });
  const handled = outcomes.pipe(
    take(expected),
    reduce((count) => count + 1, 0),
  );
  expectCount('events handled', await lastValueFrom(handled), expected);
}

/** Replays a log through a new watcher of a manager, up to the event `expected`, and stops the manager. */
export async function manageAll(manager, expected, options) {
  const watcher = manager.create(nextId(), { ...options, autoStart: true });
  await lastValueFrom(watcher.whenProcessed(expected));
  await manager.stop();
}

/** Reads every value through lmdb-js, without the library. */
export function scan(raw, expected) {
  let seen = 0;
  for (const { value } of raw.getRange({})) if (value !== undefined) seen++;
  expectCount('values read', seen, expected);
}
