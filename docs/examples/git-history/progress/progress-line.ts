import { showNumber } from '../report/show-number.ts';

/** How something is doing at one moment: the import, or a watcher. */
export interface ProgressLine {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  /** What is counted in `done` and `total`. Default: events. */
  readonly unit?: string;
  /** Events in a second, on average since the start. */
  readonly rate: number;
  /** A watcher's alone: where it would go on after a crash, and how many events it is then behind. */
  readonly place?: { readonly checkpoint: number; readonly lag: number };
}

/** All of it but the name, in words; short enough to stand behind a bar on a terminal of 80 columns. */
export function describe({ done, total, unit = '', rate, place }: ProgressLine): string {
  const progress = `${showNumber(done)}/${showNumber(total)}${unit} ${showNumber(rate)} events/s`;
  return place
    ? `${progress} checkpoint ${showNumber(place.checkpoint)} lag ${showNumber(place.lag)}`
    : progress;
}
