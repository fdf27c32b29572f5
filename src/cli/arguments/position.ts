import { InvalidArgumentError } from 'commander';
import { atSequenceNumber, atTimestamp, type EventIterator, latest, trimHorizon } from '../../index.ts';
import { durationOf } from './duration.ts';

/** Shape of a date with an optional time. A time without a time zone is local time. */
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

function dateOf(text: string): Date | undefined {
  if (!DATE.test(text)) return undefined;
  const date = new Date(text.length === 10 ? `${text}T00:00` : text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Returns the iterator at a date, or at a duration before now; `undefined` if the text is neither a date nor a duration. */
function timeOf(text: string): EventIterator | undefined {
  const duration = durationOf(text);
  const date = duration === undefined ? dateOf(text) : new Date(Date.now() - duration);
  return date && !Number.isNaN(date.getTime()) ? atTimestamp(date) : undefined;
}

/** Parses a point in time: a date, or a duration before now, such as `2h`. */
export function parseTime(text: string): EventIterator {
  const iterator = timeOf(text);
  if (iterator !== undefined) return iterator;
  throw new InvalidArgumentError(
    'It must be a duration, for example 2h, or a date, for example 2026-01-31T12:00Z.',
  );
}

/** Parses a position in the log. The event at the position is the first event that is read. */
export function parsePosition(text: string): EventIterator {
  if (text === 'trim_horizon') return trimHorizon();
  if (text === 'latest') return latest();
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return atSequenceNumber(Number(text));
  const iterator = timeOf(text);
  if (iterator !== undefined) return iterator;
  throw new InvalidArgumentError(
    'It must be trim_horizon, latest, a sequence number, a duration, for example 2h, or a date, for example 2026-01-31T12:00Z.',
  );
}
