import { types } from 'node:util';
import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import { described } from './described.ts';

/** A function of any kind. */
export const fn = described(
  'a function',
  (value): value is (...args: never[]) => unknown => typeof value === 'function',
);

/** A string with something in it. */
export const filledText = described(
  'a string that is not blank',
  (value): value is string => typeof value === 'string' && value.trim() !== '',
);

/** What every engine has room for in a key, in bytes. */
const LONGEST_ID = 1977;

/** In bytes of UTF-8; the first control characters take two, as a key may have to escape them. */
const keyLength = (id: string): number =>
  Buffer.byteLength(id) + [...id].filter((character) => character <= '\u0004').length;

/** What a watcher is called: any text that an engine can look up. */
export const watcherName = described(
  `a string of at most ${LONGEST_ID} bytes in UTF-8 that is not blank`,
  (value): value is string =>
    filledText.is(value) &&
    value.length <= LONGEST_ID &&
    (value.length <= LONGEST_ID / 3 || keyLength(value) <= LONGEST_ID),
);

/** The name of a kind of objects: what UTF-8 can hold, of a length that a record's header has room for. */
export const typeName = described(
  'a string of 1 to 1024 characters, well-formed and not blank',
  (value): value is string =>
    typeof value === 'string' && value.trim() !== '' && value.length <= 1024 && !/\p{Surrogate}/u.test(value),
);

/** An RxJS scheduler. */
export const scheduler = described(
  'a scheduler',
  (value): value is SchedulerLike =>
    typeof value === 'object' && value !== null && 'schedule' in value && 'now' in value,
);

const timeIn = (value: unknown): number =>
  types.isDate(value) ? Date.prototype.getTime.call(value) : Number.NaN;

/** A `Date`, of any realm, that stands for a time. It decodes to a copy, whose methods are those of a plain one. */
export const validDate: t.Type<Date, unknown> = new t.Type(
  'a valid Date',
  (value): value is Date => !Number.isNaN(timeIn(value)),
  (value, context) => {
    const time = timeIn(value);
    return Number.isNaN(time) ? t.failure(value, context) : t.success(new Date(time));
  },
  t.identity,
);
