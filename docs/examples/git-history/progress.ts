/** Shows progress: bars on a terminal, plain lines elsewhere. */
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import {
  concat,
  concatMap,
  finalize,
  ignoreElements,
  interval,
  type Observable,
  of,
  startWith,
  takeUntil,
  tap,
} from 'rxjs';
import { formatNumber } from './command-line.ts';

/** Progress of the import or of a watcher at one moment. */
export interface ProgressLine {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  /** Unit of `done` and `total`. By default, events. */
  readonly unit?: string;
  /** Average number of events per second since the start. */
  readonly rate: number;
  /** Checkpoint of a watcher, and the number of events between the checkpoint and the end of the log. */
  readonly position?: { readonly checkpoint: number; readonly lag: number };
}

interface ProgressDisplay {
  /** Time between two updates, in milliseconds. */
  readonly period: number;
  update(lines: readonly ProgressLine[]): void;
  /** Restores the terminal. */
  end(): void;
}

/**
 * Shows progress periodically, and a last time at the end.
 *
 * @param progress$ - Emits the present progress on subscription.
 * @param end$ - Emits when the run has ended.
 */
export function showProgress(
  stream: NodeJS.WriteStream,
  progress$: Observable<readonly ProgressLine[]>,
  end$: Observable<unknown>,
): Observable<never> {
  const display = stream.isTTY ? progressBars(stream) : progressLines(stream);
  const ticks$ = interval(display.period).pipe(startWith(-1), takeUntil(end$));
  return concat(ticks$, of(undefined)).pipe(
    concatMap(() => progress$),
    tap((lines) => display.update(lines)),
    ignoreElements(),
    finalize(() => display.end()),
  );
}

/** Describes progress in words, short enough for a terminal of 80 columns with a bar. */
function describe({ done, total, unit = '', rate, position }: ProgressLine): string {
  const progress = `${formatNumber(done)}/${formatNumber(total)}${unit} ${formatNumber(rate)} events/s`;
  return position
    ? `${progress} checkpoint ${formatNumber(position.checkpoint)} lag ${formatNumber(position.lag)}`
    : progress;
}

function progressBars(stream: NodeJS.WriteStream): ProgressDisplay {
  const look = { format: '{name} {bar} {text}', barsize: 5, hideCursor: true, linewrap: false };
  // The demo handles signals itself.
  const multiBar = new MultiBar({ ...look, stream, gracefulExit: false }, Presets.shades_classic);
  const bars = new Map<string, SingleBar>();
  return {
    period: 100,
    update(lines) {
      for (const line of lines) {
        const bar = bars.get(line.name) ?? multiBar.create(1, 0);
        bars.set(line.name, bar);
        bar.setTotal(Math.max(1, line.total));
        bar.update(line.total === 0 ? 1 : line.done, { name: line.name.padEnd(13), text: describe(line) });
      }
    },
    end: () => multiBar.stop(),
  };
}

/** A line is printed at most once per second, and only if it has changed. */
function progressLines(stream: NodeJS.WriteStream): ProgressDisplay {
  const shown = new Map<string, string>();
  return {
    period: 1000,
    update(lines) {
      for (const line of lines) {
        const text = `${line.name.padEnd(13)}  ${describe(line)}\n`;
        if (shown.get(line.name) !== text) stream.write(text);
        shown.set(line.name, text);
      }
    },
    end() {},
  };
}
