import type { ProgressLine } from './progress-line.ts';

/** Where progress is shown. */
export interface ProgressDisplay {
  /** How often it wants to be updated, in milliseconds. */
  readonly period: number;
  /** Shows how things are now; the lines are the same ones, in the same order, each time. */
  update(lines: readonly ProgressLine[]): void;
  /** Leaves the terminal as it should be. */
  end(): void;
}
