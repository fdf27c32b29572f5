import { types } from 'node:util';
import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';

/**
 * A codec of values that are what they are, named by what a person expects to read behind "expected".
 *
 * @example
 * described('a whole number from 1', (value): value is number => Number.isSafeInteger(value) && value >= 1)
 */
export const described = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  );

const isWholeFrom = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;

/** A whole number of at least `least` that a double holds exactly. */
export const wholeFrom = (least: number) =>
  described(`a whole number from ${least}`, (value): value is number => isWholeFrom(value, least));

/** The same, or `Infinity`. */
export const wholeOrInfinity = described(
  'a whole number from 0, or Infinity',
  (value): value is number => value === Number.POSITIVE_INFINITY || isWholeFrom(value, 0),
);

/** Milliseconds: a finite number from 0. */
export const duration = described(
  'milliseconds, from 0',
  (value): value is number => Number.isFinite(value) && (value as number) >= 0,
);

/** Milliseconds from 0, or `Infinity` for "without an end". */
export const durationOrInfinity = described(
  'milliseconds, from 0, or Infinity',
  (value): value is number => typeof value === 'number' && value >= 0,
);

/** The longest delay that Node's timers know, in milliseconds; a longer one would be over at once. */
const LONGEST_DELAY = 2_147_483_647;

const isDelay = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= LONGEST_DELAY;

/** Milliseconds for a timer. */
export const delay = described(`milliseconds, from 0 to ${LONGEST_DELAY}`, isDelay);

/** The same, of some length. */
export const period = described(
  `milliseconds, from 1 to ${LONGEST_DELAY}`,
  (value): value is number => isDelay(value) && value >= 1,
);

/** Milliseconds for a timer, or `Infinity` for "without an end". */
export const delayOrInfinity = described(
  `milliseconds, from 0 to ${LONGEST_DELAY}, or Infinity`,
  (value): value is number => value === Number.POSITIVE_INFINITY || isDelay(value),
);

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

/** A codec of arrays that decodes to a copy: each item, holes included, is read once. */
export const listOf = <A>(item: t.Type<A, unknown>, name: string): t.Type<readonly A[], unknown> => {
  const type: t.Type<readonly A[], unknown> = new t.Type(
    name,
    (value): value is readonly A[] => type.decode(value)._tag === 'Right',
    (value, context) => {
      if (!Array.isArray(value)) return t.failure(value, context);
      const items: A[] = [];
      const errors: t.ValidationError[] = [];
      for (let index = 0; index < value.length && errors.length < MOST_ERRORS; index++) {
        const given = value[index];
        const result = item.validate(given, t.appendContext(context, String(index), item, given));
        if (result._tag === 'Right') items.push(result.right);
        else for (const error of result.left) errors.push(error);
      }
      return errors.length > 0 ? t.failures(errors) : t.success(items);
    },
    t.identity,
  );
  return type;
};

/** Maximum number of errors that are collected: a sparse array may have four billion holes. */
const MOST_ERRORS = 100;
