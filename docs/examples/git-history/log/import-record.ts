import type { HistoryRange } from '../git/read-history.ts';

/**
 * How far the history has been imported, as it is kept beside the events: it changes in the transaction that stores
 * them, so that the two agree at whatever moment the process is killed.
 */
export interface ImportRecord extends HistoryRange {
  /** How many changes of the range are stored: as many as git prints first. */
  readonly stored: number;
  /** The last of them; it tells whether git still prints what it printed then. */
  readonly last?: { readonly commit: string; readonly path: string };
  /** Whether the range was stored to its end. */
  readonly done: boolean;
}
