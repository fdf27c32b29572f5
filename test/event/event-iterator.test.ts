import { runInNewContext } from 'node:vm';
import {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  formatIterator,
  InvalidOptionsError,
  latest,
  trimHorizon,
} from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { EventIteratorCodec } from '../../src/event/event-iterator.ts';

describe('event iterators', () => {
  test('event iterators are plain data that can be compared, stored and sent', () => {
    const iterators = [
      trimHorizon(),
      latest(),
      atSequenceNumber(5),
      afterSequenceNumber(0),
      atTimestamp(new Date(7)),
    ];

    expect(iterators).toEqual([
      { type: 'trim_horizon' },
      { type: 'latest' },
      { type: 'at_sequence_number', sequenceNumber: 5 },
      { type: 'after_sequence_number', sequenceNumber: 0 },
      { type: 'at_timestamp', timestamp: 7 },
    ]);
    expect(JSON.parse(JSON.stringify(iterators))).toEqual(iterators);
    expect(iterators.every(EventIteratorCodec.is)).toBe(true);
  });

  test('formatIterator returns the type and the argument of an event iterator', () => {
    expect(formatIterator(trimHorizon())).toBe('trim_horizon');
    expect(formatIterator(latest())).toBe('latest');
    expect(formatIterator(atSequenceNumber(5))).toBe('at_sequence_number(5)');
    expect(formatIterator(afterSequenceNumber(0))).toBe('after_sequence_number(0)');
    expect(formatIterator(atTimestamp(new Date(0)))).toBe('at_timestamp(1970-01-01T00:00:00.000Z)');
  });

  test('an event iterator accepts each safe integer from 0 on as a sequence number', () => {
    for (const n of [0, 1, Number.MAX_SAFE_INTEGER]) {
      expect(atSequenceNumber(n)).toMatchObject({ sequenceNumber: n });
      expect(afterSequenceNumber(n)).toMatchObject({ sequenceNumber: n });
    }
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5' as never, undefined as never])(
    'an event iterator rejects %o as a sequence number',
    (n) => {
      for (const make of [atSequenceNumber, afterSequenceNumber]) {
        expect(() => make(n)).toThrow(InvalidOptionsError);
        expect(() => make(n)).toThrow(/sequenceNumber/);
      }
    },
  );

  test('an event iterator accepts a Date of another JavaScript realm as a timestamp', () => {
    expect(atTimestamp(runInNewContext('new Date(7)'))).toEqual(atTimestamp(new Date(7)));
  });

  test('an event iterator rejects an invalid Date as a timestamp', () => {
    expect(() => atTimestamp(new Date(Number.NaN))).toThrow(InvalidOptionsError);
    expect(() => atTimestamp(new Date(Number.NaN))).toThrow(/timestamp/);
  });

  test.each([
    undefined,
    null,
    'latest',
    5,
    {},
    { type: 'newest' },
    { type: 'at_sequence_number' },
    { type: 'at_sequence_number', sequenceNumber: '1' },
    { type: 'after_sequence_number', sequenceNumber: -1 },
    { type: 'after_sequence_number', sequenceNumber: 1.5 },
    { type: 'at_timestamp' },
    { type: 'at_timestamp', timestamp: Number.NaN },
  ])('EventIteratorCodec rejects the value %o', (value) => {
    expect(EventIteratorCodec.is(value)).toBe(false);
  });
});
