import * as t from 'io-ts';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import { check, checkAll } from '../validation/check.ts';
import { validDate, wholeFrom } from '../validation/types.ts';

/** Position at which a read starts: plain data that can be compared, stored and sent. */
export type EventIterator =
  | { readonly type: 'trim_horizon' }
  | { readonly type: 'latest' }
  | { readonly type: 'at_sequence_number'; readonly sequenceNumber: number }
  | { readonly type: 'after_sequence_number'; readonly sequenceNumber: number }
  | { readonly type: 'at_timestamp'; readonly timestamp: number };

/**
 * Returns a copy of an iterator, or `undefined` if it is not valid. Reads each property once, because a getter can return
 * another value at the second read.
 */
function copyOf(value: unknown): EventIterator | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, timestamp, sequenceNumber } = value as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'trim_horizon':
    case 'latest':
      return { type };
    case 'at_timestamp':
      return Number.isSafeInteger(timestamp) ? { type, timestamp: timestamp as number } : undefined;
    case 'at_sequence_number':
    case 'after_sequence_number':
      return wholeFrom(0).is(sequenceNumber) ? { type, sequenceNumber } : undefined;
    default:
      return undefined;
  }
}

/** Validates an iterator and decodes it to a copy. */
export const EventIteratorCodec: t.Type<EventIterator, unknown> = new t.Type(
  'an event iterator, such as trimHorizon() (sequence numbers are whole numbers from 0, timestamps whole milliseconds)',
  (value): value is EventIterator => copyOf(value) !== undefined,
  (value, context) => {
    const copy = copyOf(value);
    if (copy !== undefined) return t.success(copy);
    return typeof value === 'function'
      ? t.failure(
          value,
          context,
          'must be an event iterator; received a function: call it, as in trimHorizon()',
        )
      : t.failure(value, context);
  },
  t.identity,
);

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('event iterator', faults);

const numbered = (
  type: 'at_sequence_number' | 'after_sequence_number',
  sequenceNumber: number,
): EventIterator => ({ type, ...checkAll({ sequenceNumber: [wholeFrom(0), sequenceNumber] }, invalid) });

/** Returns the iterator that starts at the oldest event of the log. */
export const trimHorizon = (): EventIterator => ({ type: 'trim_horizon' });

/** Returns the iterator that starts after the last event at the time of subscription. */
export const latest = (): EventIterator => ({ type: 'latest' });

/**
 * Returns the iterator that starts at event `n`. Both 0 and 1 are the position before the first event.
 *
 * @throws {@link InvalidOptionsError} if `n` is not a whole number of at least 0.
 * @see {@link afterSequenceNumber}
 */
export const atSequenceNumber = (n: number): EventIterator => numbered('at_sequence_number', n);

/**
 * Returns the iterator that starts at the event after event `n`; 0 is the position before the first event.
 *
 * @throws {@link InvalidOptionsError} if `n` is not a whole number of at least 0.
 * @see {@link atSequenceNumber}
 */
export const afterSequenceNumber = (n: number): EventIterator => numbered('after_sequence_number', n);

/**
 * Returns the iterator that starts at the oldest event with this timestamp or a later one. If the log has no such event,
 * a read starts after the last event.
 *
 * @throws {@link InvalidOptionsError} if the date is not valid.
 */
export function atTimestamp(date: Date): EventIterator {
  const { timestamp } = checkAll({ timestamp: [validDate, date] }, invalid);
  return { type: 'at_timestamp', timestamp: timestamp.getTime() };
}

/** Returns the number of the event after which an iterator starts; 0 for an iterator without a number. */
export function seqNumBefore(iterator: EventIterator): number {
  if (!('sequenceNumber' in iterator)) return 0;
  const { type, sequenceNumber } = iterator;
  return type === 'at_sequence_number' ? Math.max(0, sequenceNumber - 1) : sequenceNumber;
}

/**
 * Returns an iterator as text for logs: `'trim_horizon'`, `'latest'`, `'at_sequence_number(5)'`,
 * `'after_sequence_number(5)'`, `'at_timestamp(2026-01-31T00:00:00.000Z)'`.
 *
 * @throws {@link InvalidOptionsError} if the iterator is not valid.
 */
export function formatIterator(iterator: EventIterator): string {
  const checked = check(EventIteratorCodec, iterator, invalid);
  if ('sequenceNumber' in checked) return `${checked.type}(${checked.sequenceNumber})`;
  return 'timestamp' in checked ? `${checked.type}(${formatTimestamp(checked.timestamp)})` : checked.type;
}

/** Returns an ISO date, or milliseconds if the timestamp is outside the range of `Date`. */
const formatTimestamp = (timestamp: number): string => {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? `${timestamp} ms` : date.toISOString();
};
