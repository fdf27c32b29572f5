// Causes each kind of trouble on stores without a logger, and prints the process warnings.
import { asyncScheduler, throwError } from 'rxjs';
import { createMemoryEventLog } from '../../dist/engine/memory/memory-event-log.js';
import { createEventStore } from '../../dist/index.js';
import { createMemoryStore } from '../../dist/memory.js';

process.removeAllListeners('warning'); // Node.js would print each warning on stderr
process.on('warning', ({ name, code, message }) => {
  process.stdout.write(`${JSON.stringify({ name, code, message })}\n`);
});

const HOUR = 3_600_000;
let now = 10 * HOUR;
const scheduler = { now: () => now, schedule: (...args) => asyncScheduler.schedule(...args) };
const held = createMemoryStore({ scheduler, gcAgeThreshold: 1000 });
await held.storeEvent({ operation: 'CREATE', objectType: 'Job', object: 'secret' });
await held.storeCheckpoint('gone', 0);
now += 5000;
// A run reports a checkpoint only if it has not moved since the previous run, so two runs are needed.
for (const _run of [1, 2]) await held.collectGarbage();
now -= 3 * HOUR;
await held.collectGarbage();
await held.close();

let runs = 0;
let failedTwice;
const ended = new Promise((resolve) => {
  failedTwice = resolve;
});
const bounds = () => {
  if (++runs === 2) failedTwice();
  return throwError(() => new Error('a torn page'));
};
const failing = createEventStore(
  { ...createMemoryEventLog(), bounds },
  { gcAgeThreshold: 1000, gcCadence: 1 },
);
const keepAlive = setInterval(() => undefined, HOUR);
await ended;
clearInterval(keepAlive);
await failing.close();
