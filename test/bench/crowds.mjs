// Cost by the number of watchers, from one to ten thousand, each in its own process. Measures deliveries while all watchers
// replay one log, appends while their filters exclude every event, and memory.
import { mkdirSync } from 'node:fs';
import { byPoint } from './by-point.mjs';
import { inChild } from './in-child.mjs';

const CROWDS = [1, 10, 100, 1000, 10_000];

export function crowds({ rounds, size, directory }) {
  mkdirSync(directory, { recursive: true });
  const deliveries = size(1_000_000, 10_000);
  return byPoint({
    rounds,
    points: size(CROWDS, CROWDS.slice(0, 3)),
    plot: { name: 'by-watchers', axis: 'watchers' },
    units: { 'append rate': 'events/s', deliveries: 'events/s', memory: 'MiB' },
    async measure(count) {
      const worker = await inChild('crowds-worker.mjs', directory, count, deliveries);
      return {
        'append rate': worker.appendRate,
        deliveries: worker.deliveryRate,
        memory: worker.memory,
      };
    },
  });
}
