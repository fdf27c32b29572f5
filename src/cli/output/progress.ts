import { cut, safeText } from './text.ts';

/** Minimum time between two updates on a terminal, where an update overwrites the line, in milliseconds. */
const TERMINAL_PERIOD = 100;

/** Minimum time between two updates in a file or a pipe, where each update is a new line, in milliseconds. */
const LINE_PERIOD = 2000;

const DEFAULT_COLUMNS = 80;

/** Progress of a command on stderr. */
export interface Progress {
  /** Shows the progress, at most a few times per second. */
  update(text: () => string): void;
  /** Removes the progress, so that other output starts on an empty line. */
  end(): void;
}

/** Returns a number for people, such as `12,345`, in the same format on every machine. */
export const formatNumber = (value: number): string => value.toLocaleString('en-US');

/** Returns a size for people: `1.5 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Returns a share in percent, such as ` 45 %`. Only a complete share is shown as 100 %. */
export const formatShare = (done: number, total: number): string =>
  `${String(total === 0 ? 100 : Math.floor((100 * done) / total)).padStart(3)} %`;

/**
 * Creates the progress of a command on stderr. On a terminal, each update overwrites the same line. In a file or a pipe,
 * each update is a new line.
 */
export function createProgress(): Progress {
  const { stderr } = process;
  const period = stderr.isTTY ? TERMINAL_PERIOD : LINE_PERIOD;
  const clear = stderr.isTTY ? '\r\u001b[K' : '';
  let next = Date.now() + period;
  let isShown = false;
  return {
    update(text) {
      const now = Date.now();
      if (now < next) return;
      next = now + period;
      isShown = true;
      if (stderr.isTTY) stderr.write(clear + cut(safeText(text()), (stderr.columns || DEFAULT_COLUMNS) - 1));
      else stderr.write(`${safeText(text())}\n`);
    },
    end() {
      if (isShown) stderr.write(clear);
      isShown = false;
    },
  };
}
