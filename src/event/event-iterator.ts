import type * as t from 'io-ts';
import { InvalidOptionsError } from '../errors.ts';
import { check } from '../validation/check.ts';
import { described } from '../validation/described.ts';

/** Where in the log to start reading: plain data that can be compared, stored and sent. */
export type EventIterator =
  | { readonly type: 'trim_horizon' }
  | { readonly type: 'latest' }
  | { readonly type: 'at_sequence_number'; readonly sequenceNumber: number }
  | { readonly type: 'after_sequence_number'; readonly sequenceNumber: number }
  | { readonly type: 'at_timestamp'; readonly timestamp: number };

const isIterator = (value: unknown): value is EventIterator => {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  if (value.type === 'trim_horizon' || value.type === 'latest') return true;
  if (value.type === 'at_timestamp') return 'timestamp' in value && Number.isSafeInteger(value.timestamp);
  if (value.type !== 'at_sequence_number' && value.type !== 'after_sequence_number') return false;
  const number = 'sequenceNumber' in value ? value.sequenceNumber : undefined;
  return Number.isSafeInteger(number) && (number as number) >= 0;
};

/** Tells whether a value is an iterator that makes sense. */
export const EventIteratorCodec: t.Type<EventIterator> = described(
  'an event iterator (sequence numbers are whole numbers from 0, timestamps whole milliseconds)',
  isIterator,
);

const numbered = (
  type: 'at_sequence_number' | 'after_sequence_number',
  sequenceNumber: number,
): EventIterator =>
  check(EventIteratorCodec, { type, sequenceNumber }, () => {
    const message = `expected a whole number from 0, got ${String(sequenceNumber)}`;
    return new InvalidOptionsError('event iterator', [{ path: 'sequenceNumber', message }]);
  });

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
  const iterator: EventIterator = { type: 'at_timestamp', timestamp: date.getTime() };
  return check(EventIteratorCodec, iterator, () => {
    return new InvalidOptionsError('event iterator', [
      { path: 'timestamp', message: 'expected a valid date' },
    ]);
  });
}

/**
 * An iterator for people: `'trim_horizon'`, `'latest'`, `'at_sequence_number(5)'`, `'after_sequence_number(5)'`,
 * `'at_timestamp(2026-01-31T00:00:00.000Z)'`.
 */
export function showIterator(iterator: EventIterator): string {
  if ('sequenceNumber' in iterator) return `${iterator.type}(${iterator.sequenceNumber})`;
  return 'timestamp' in iterator
    ? `${iterator.type}(${new Date(iterator.timestamp).toISOString()})`
    : iterator.type;
}
