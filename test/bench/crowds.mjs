// Cost by the number of watchers: deliveries when all replay one log at once, appends while all of them wait for what
// does not concern them, and memory, from one watcher to ten thousand. Each in a process of its own.
import { mkdirSync } from 'node:fs';
import { alone } from './figure.mjs';
import { inChild } from './in-child.mjs';

const CROWDS = [1, 10, 100, 1000, 10_000];

export async function crowds({ rounds, size, directory }) {
  mkdirSync(directory, { recursive: true });
  const counts = size(CROWDS, CROWDS.slice(0, 3));
  const deliveries = size(1_000_000, 10_000);
  const measured = new Map(counts.map((count) => [count, []]));
  for (let round = 0; round < rounds; round++) {
    for (const count of counts) {
      measured.get(count).push(await inChild('crowds-worker.mjs', directory, count, deliveries));
    }
  }
  const figure = (series, unit, x, runs, what) => ({
    ...alone(`${series}, ${x.toLocaleString('en')} watchers`, unit, runs.map(what)),
    plot: { name: 'by-watchers', axis: 'watchers', series, x },
  });
  return [...measured].flatMap(([count, runs]) => [
    figure('append rate', 'events/s', count, runs, ({ appendRate }) => appendRate),
    figure('deliveries', 'events/s', count, runs, ({ deliveryRate }) => deliveryRate),
    figure('memory', 'MiB', count, runs, ({ memory }) => memory),
  ]);
}
