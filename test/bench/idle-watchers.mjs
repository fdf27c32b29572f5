// Sequential durable appends next to many idle watchers, compared with the same appends without watchers. The filters of the
// watchers exclude all events. Also the heap of a watcher, and the age of the oldest checkpoint. Each run has its own process,
// so that it does not disturb the next run.
import { mkdirSync } from 'node:fs';
import { alone, beside } from './figure.mjs';
import { inChild } from './in-child.mjs';
import { discard, fresh } from './logs.mjs';

export async function idleWatchers({ rounds, size, directory }) {
  mkdirSync(directory, { recursive: true });
  const many = size(10_000, 1000);
  const measure = async (filters, count) => {
    const path = fresh(directory, 'idle');
    const measured = await inChild('idle-worker.mjs', path, filters, count, size(10_000, 300));
    discard(path);
    return measured;
  };
  const same = [];
  const own = [];
  const none = [];
  for (let round = 0; round < rounds; round++) {
    same.push(await measure('same', many));
    none.push(await measure('same', 0));
    own.push(await measure('own', many));
  }
  const times = (measured) => measured.map(({ milliseconds }) => milliseconds);
  return [
    beside('append with 10 000 idle watchers', 'ms', times(same), 'none', times(none)),
    beside(
      'append with 10 000 idle watchers, each with another filter',
      'ms',
      times(own),
      'none',
      times(none),
    ),
    alone(
      'age of the oldest checkpoint',
      'ms',
      same.map(({ late }) => late),
    ),
    alone(
      'heap per idle watcher',
      'bytes',
      same.map(({ bytes }) => bytes),
    ),
  ];
}
