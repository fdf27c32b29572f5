// One durable append after another while many watchers wait whose filters do not match, beside the same with no watcher; and
// the heap each takes. Each in a process of its own: what the watchers do meanwhile is to fall on nobody else.
import { mkdirSync } from 'node:fs';
import { alone, beside } from './figure.mjs';
import { inChild } from './in-child.mjs';
import { discard, fresh } from './logs.mjs';

export async function idleWatchers({ rounds, size, directory }) {
  mkdirSync(directory, { recursive: true });
  const measure = async (count) => {
    const path = fresh(directory, 'idle');
    const measured = await inChild('idle-worker.mjs', path, count, size(10_000, 300));
    discard(path);
    return measured;
  };
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measure(size(10_000, 1000)));
    theirs.push(await measure(0));
  }
  const each = (measured, what) => measured.map((one) => one[what]);
  return [
    beside(
      'append with 10 000 idle watchers',
      'ms',
      each(ours, 'milliseconds'),
      'none',
      each(theirs, 'milliseconds'),
    ),
    alone('heap that an idle watcher takes', 'bytes', each(ours, 'bytes')),
  ];
}
