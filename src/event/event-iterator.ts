import * as t from 'io-ts';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import { check, checkAll } from '../validation/check.ts';
import { validDate, wholeFrom } from '../validation/types.ts';

/** Where in the log to start reading: plain data that can be compared, stored and sent. */
export type EventIterator =
  | { readonly type: 'trim_horizon' }
  | { readonly type: 'latest' }
  | { readonly type: 'at_sequence_number'; readonly sequenceNumber: number }
  | { readonly type: 'after_sequence_number'; readonly sequenceNumber: number }
  | { readonly type: 'at_timestamp'; readonly timestamp: number };

/** A copy of an iterator, each of its properties read once; `undefined` if it is not a valid one. */
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

/** Decodes an iterator to a copy. */
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

/** From the oldest event still held, whichever that is. */
export const trimHorizon = (): EventIterator => ({ type: 'trim_horizon' });

/** Only what is stored after this moment; the moment is that of the subscription. */
export const latest = (): EventIterator => ({ type: 'latest' });

/**
 * From event `n`, `n` included; 0 and 1 both mean the beginning.
 *
 * @throws InvalidOptionsError if `n` is no whole number from 0.
 */
export const atSequenceNumber = (n: number): EventIterator => numbered('at_sequence_number', n);

/**
 * From the event after `n`; 0 means the beginning.
 *
 * @throws InvalidOptionsError if `n` is no whole number from 0.
 */
export const afterSequenceNumber = (n: number): EventIterator => numbered('after_sequence_number', n);

/**
 * From the first event still held that was stored at this time or later; from the latest, if there is none.
 *
 * @throws InvalidOptionsError if the date is invalid.
 */
export function atTimestamp(date: Date): EventIterator {
  const { timestamp } = checkAll({ timestamp: [validDate, date] }, invalid);
  return { type: 'at_timestamp', timestamp: timestamp.getTime() };
}

/**
 * An iterator for people: `'trim_horizon'`, `'latest'`, `'at_sequence_number(5)'`, `'after_sequence_number(5)'`,
 * `'at_timestamp(2026-01-31T00:00:00.000Z)'`.
 *
 * @throws InvalidOptionsError if it is not a valid iterator.
 */
export function formatIterator(given: EventIterator): string {
  const iterator = check(EventIteratorCodec, given, invalid);
  if ('sequenceNumber' in iterator) return `${iterator.type}(${iterator.sequenceNumber})`;
  return 'timestamp' in iterator ? `${iterator.type}(${timeOf(iterator.timestamp)})` : iterator.type;
}

/** A time in text; what no `Date` reaches in milliseconds. */
const timeOf = (timestamp: number): string => {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? `${timestamp} ms` : date.toISOString();
};
