import type { Event } from '../../src/event/event.ts';

/** Job number `n`, as a store would give it. */
export const job = (n: number): Event => ({
  seqNum: n,
  operation: 'CREATE',
  objectType: 'Job',
  object: { n },
  timestamp: new Date(0),
});

/** Jobs by their numbers, for marbles. */
export const jobs: Readonly<Record<string, Event>> = { 1: job(1), 2: job(2), 3: job(3) };
