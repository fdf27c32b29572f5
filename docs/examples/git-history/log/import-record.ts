import type { HistoryRange } from '../git/read-history.ts';

/**
 * How far the history has been imported, as it is kept beside the events: however the process ends, the two agree when
 * the log is next opened.
 */
export interface ImportRecord extends HistoryRange {
  /** How many changes of the range are stored: as many as git prints first. */
  readonly stored: number;
  /** The last of them; it tells whether git still prints what it printed then. */
  readonly last?: { readonly commit: string; readonly path: string };
  /** Whether the range was stored to its end. */
  readonly done: boolean;
}
