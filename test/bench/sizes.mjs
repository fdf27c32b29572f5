// Cost by the length of the log: appends in batches of a thousand from the first event on, replay, and memory, from a thousand
// events to ten million. Each measurement has its own process.
import { byPoint } from './by-point.mjs';
import { inChild } from './in-child.mjs';
import { discard, fresh } from './logs.mjs';

const LENGTHS = [1e3, 1e4, 1e5, 1e6, 1e7];

export function sizes({ rounds, size, directory }) {
  const atLeast = size(500_000, 10_000);
  return byPoint({
    rounds,
    points: size(LENGTHS, LENGTHS.slice(0, 2)),
    plot: { name: 'by-events', axis: 'events' },
    units: { 'append rate': 'events/s', 'replay rate': 'events/s', 'peak memory': 'MiB' },
    async measure(length) {
      const path = fresh(directory, 'sizes');
      const appendRate = await inChild('sizes-writer.mjs', path, length, atLeast);
      const { rate, peak } = await inChild('sizes-reader.mjs', path, length, atLeast);
      discard(path);
      return { 'append rate': appendRate, 'replay rate': rate, 'peak memory': peak };
    },
  });
}
