/** Text for a figure that is not known. */
export const UNKNOWN = '–';

const whole = new Intl.NumberFormat('en');
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Formats a whole number with separators, for example `1,234,567`. */
export const formatCount = (count: number | undefined): string =>
  count === undefined ? UNKNOWN : whole.format(count);

/** Formats a number with a noun, for example `1 event` or `1,200 events`. */
export const formatNoun = (count: number, noun: string): string =>
  `${whole.format(count)} ${noun}${count === 1 ? '' : 's'}`;

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** Formats a number for an axis or a small badge, for example `1.2K`. */
export const formatCompact = (count: number): string => compact.format(count);

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Formats a size with a decimal unit, for example `1.24 MB`. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return UNKNOWN;
  const power = bytes < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? whole.format(value) : precise.format(value)} ${BYTE_UNITS[power]}`;
}

/**
 * Formats a rate in events per second. A slow rate keeps a significant digit, so that the rate of a growing log is never
 * shown as 0.
 */
export function formatRate(perSecond: number | undefined): string {
  if (perSecond === undefined) return UNKNOWN;
  if (perSecond >= 10 || perSecond === 0) return whole.format(Math.round(perSecond));
  return perSecond < 0.1 ? '< 0.1' : perSecond.toFixed(1);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formats a number of milliseconds with one or two units, for example `350 ms`, `4.2 s`, `3 min 5 s` or `2 d 4 h`. */
export function formatDuration(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN;
  if (ms < 1) return '0 s';
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  const parts = (large: number, largeUnit: string, small: number, smallUnit: string) => {
    const rest = Math.floor((ms % large) / small);
    return `${Math.floor(ms / large)} ${largeUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`;
  };
  if (ms < HOUR) return parts(MINUTE, 'min', SECOND, 's');
  if (ms < DAY) return parts(HOUR, 'h', MINUTE, 'min');
  if (ms < 100 * DAY) return parts(DAY, 'd', HOUR, 'h');
  return `${whole.format(Math.floor(ms / DAY))} d`;
}

/**
 * Formats the time since a moment with one unit, for example `12 s ago`. A moment that is some seconds in the future is
 * shown as `now`, because clocks can differ.
 */
export function formatAgo(time: number, now: number): string {
  const ms = now - time;
  if (ms < -5 * SECOND) return `in ${oneUnit(-ms)}`;
  return ms < SECOND ? 'now' : `${oneUnit(ms)} ago`;
}

function oneUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${whole.format(Math.floor(ms / DAY))} d`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Formats a date in the time zone of the browser, for example `2026-03-01`. */
export const formatDate = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** Formats a time of day in the time zone of the browser, for example `14:03:09.042`. */
export const formatTimeOfDay = (date: Date): string =>
  `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;

/** Formats a moment in full, in the time zone of the browser and in UTC. */
export const formatMoment = (date: Date): string =>
  `${formatDate(date)} ${formatTimeOfDay(date)} (${date.toISOString()})`;
