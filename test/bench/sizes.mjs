// Cost by the length of the log: appends in batches of a thousand from the first event on, replay, and memory, from a
// thousand events to ten million. Each in a process of its own.
import { mkdirSync } from 'node:fs';
import { alone } from './figure.mjs';
import { inChild } from './in-child.mjs';

const LENGTHS = [1e3, 1e4, 1e5, 1e6, 1e7];

export async function sizes({ rounds, size, directory }) {
  mkdirSync(directory, { recursive: true });
  const lengths = size(LENGTHS, LENGTHS.slice(0, 2));
  const atLeast = size(500_000, 10_000);
  const measured = new Map(lengths.map((length) => [length, []]));
  for (let round = 0; round < rounds; round++) {
    for (const length of lengths) {
      measured.get(length).push(await inChild('sizes-worker.mjs', directory, length, atLeast));
    }
  }
  const figure = (series, unit, x, runs, what) => ({
    ...alone(`${series}, ${x.toLocaleString('en')} events`, unit, runs.map(what)),
    plot: { name: 'by-events', axis: 'events in the log', series, x },
  });
  return [...measured].flatMap(([length, runs]) => [
    figure('append rate', 'events/s', length, runs, ({ appendRate }) => appendRate),
    figure('replay rate', 'events/s', length, runs, ({ replayRate }) => replayRate),
    figure('peak memory', 'MiB', length, runs, ({ peak }) => peak),
  ]);
}
