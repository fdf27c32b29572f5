import { InvalidArgumentError } from 'commander';

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof MILLISECONDS;

/** Returns a duration such as `90s`, `2h` or `1h30m` in milliseconds; `undefined` if the text is not a duration. */
export function durationOf(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|[smhdw])/g)) {
    sum += Number(number) * MILLISECONDS[unit as Unit];
  }
  return Math.round(sum);
}

/** Parses the value of an option that is a duration. */
export function parseDuration(text: string): number {
  const duration = durationOf(text);
  if (duration !== undefined && Number.isSafeInteger(duration)) return duration;
  throw new InvalidArgumentError('It must be a duration, for example 90s, 2h or 1h30m.');
}

/** Returns a duration in milliseconds as short text, for example `1h 5m`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`;
  let rest = Math.floor(milliseconds / 1000);
  const parts: string[] = [];
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ');
}
