import type { CountedState } from '../../api.ts';

/** States in order, beginning with the state that needs the most attention. */
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
