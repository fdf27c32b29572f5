import type { Event } from '../../src/event/event.ts';

/** Creates the event of job `n`, as a store emits it. */
export const job = (n: number): Event => ({
  seqNum: n,
  operation: 'CREATE',
  objectType: 'Job',
  object: { n },
  timestamp: new Date(0),
});

/** Values of marble diagrams: the events of jobs 1 to 3. */
export const jobs: Readonly<Record<string, Event>> = { 1: job(1), 2: job(2), 3: job(3) };
