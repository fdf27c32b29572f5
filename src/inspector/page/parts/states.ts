import type { CountedState } from '../../api.ts';

/** Order of the states, from the one that needs the most attention. */
export const STATES: readonly CountedState[] = [
  'failed',
  'stale',
  'paused',
  'stopped',
  'stopping',
  'unknown',
  'idle',
  'standby',
  'running',
];
