import * as t from 'io-ts';

/** A date in memory, its ISO text where it is stored. */
export const DateOfText = new t.Type<Date, string>(
  'a date',
  (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime()),
  (value, context) => {
    const date = new Date(typeof value === 'string' ? value : Number.NaN);
    return Number.isNaN(date.getTime()) ? t.failure(value, context) : t.success(date);
  },
  (date) => date.toISOString(),
);
