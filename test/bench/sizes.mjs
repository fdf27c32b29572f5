// Cost by the length of the log: appends in batches of a thousand from the first event on, replay, and memory, from a
// thousand events to ten million. Each in a process of its own.
import { alone } from './figure.mjs';
import { inChild } from './in-child.mjs';
import { discard, fresh } from './logs.mjs';

const LENGTHS = [1e3, 1e4, 1e5, 1e6, 1e7];

export async function sizes({ rounds, size, directory }) {
  const lengths = size(LENGTHS, LENGTHS.slice(0, 2));
  const atLeast = size(500_000, 10_000);
  const measured = new Map(lengths.map((length) => [length, []]));
  for (let round = 0; round < rounds; round++) {
    for (const length of lengths) {
      const path = fresh(directory, 'sizes');
      const appendRate = await inChild('sizes-writer.mjs', path, length, atLeast);
      const { rate, peak } = await inChild('sizes-reader.mjs', path, length, atLeast);
      measured.get(length).push({ appendRate, replayRate: rate, peak });
      discard(path);
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
