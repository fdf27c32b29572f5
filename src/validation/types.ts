import { types } from 'node:util';
import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import { show } from './format-value.ts';
import { nearest } from './nearest.ts';

/**
 * Creates a codec that does not convert values.
 *
 * @param name - Description of the valid values. It follows "must be" in an error message.
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

/**
 * Creates a codec of names, with a hint for a mistyped name.
 *
 * @param name - Description of the valid values. It follows "must be" in an error message.
 * @param other - Codec of the valid values that are not names.
 */
export const oneOf = <N extends string, A = never>(
  name: string,
  names: readonly N[],
  other?: t.Type<A>,
): t.Type<N | A> => {
  const is = (value: unknown): value is N | A =>
    (names as readonly unknown[]).includes(value) || other?.is(value) === true;
  const validate: t.Validate<unknown, N | A> = (value, context) => {
    if (is(value)) return t.success(value);
    const near = typeof value === 'string' ? nearest(value, names) : undefined;
    if (near === undefined) return t.failure(value, context);
    return t.failure(value, context, `must be ${name}; received ${show(value)}; did you mean '${near}'?`);
  };
  return new t.Type(name, is, validate, t.identity);
};

const isWholeFrom = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;

/** Creates a codec of safe integers of at least `least`. */
export const wholeFrom = (least: number) =>
  described(`a whole number from ${least}`, (value): value is number => isWholeFrom(value, least));

/** Codec of safe integers of at least 0, and `Infinity`. */
export const wholeOrInfinity = described(
  'a whole number from 0, or Infinity',
  (value): value is number => value === Number.POSITIVE_INFINITY || isWholeFrom(value, 0),
);

/** Codec of finite numbers of milliseconds of at least 0. */
export const duration = described(
  'a number of milliseconds from 0',
  (value): value is number => Number.isFinite(value) && (value as number) >= 0,
);

/** Codec of numbers of milliseconds of at least 0, and `Infinity` for no limit. */
export const durationOrInfinity = described(
  'a number of milliseconds from 0, or Infinity',
  (value): value is number => typeof value === 'number' && value >= 0,
);

/** Maximum delay of a Node.js timer, in milliseconds. A timer with a longer delay fires immediately. */
const MAX_DELAY = 2_147_483_647;

const isDelay = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_DELAY;

/** Codec of delays of a timer, in milliseconds. */
export const delay = described(`a number of milliseconds from 0 to ${MAX_DELAY}`, isDelay);

/** Codec of periods of a timer, in milliseconds, of at least 1. */
export const period = described(
  `a number of milliseconds from 1 to ${MAX_DELAY}`,
  (value): value is number => isDelay(value) && value >= 1,
);

/** Codec of delays of a timer, in milliseconds, and `Infinity` for no limit. */
export const delayOrInfinity = described(
  `a number of milliseconds from 0 to ${MAX_DELAY}, or Infinity`,
  (value): value is number => value === Number.POSITIVE_INFINITY || isDelay(value),
);

export const fn = described(
  'a function',
  (value): value is (...args: never[]) => unknown => typeof value === 'function',
);

export const filledText = described(
  'a string that is not blank',
  (value): value is string => typeof value === 'string' && value.trim() !== '',
);

/** Maximum size of a watcher id, in bytes. An id of this size fits into a key of every engine. */
const MAX_ID_BYTES = 1977;

/** Returns the bytes of a watcher id in a key, in UTF-8. U+0000 to U+0004 count twice, because a key may escape them. */
const keyBytes = (id: string): number =>
  Buffer.byteLength(id) + [...id].filter((character) => character <= '\u0004').length;

export const watcherName = described(
  `a string of at most ${MAX_ID_BYTES} bytes in UTF-8 that is not blank`,
  (value): value is string =>
    filledText.is(value) &&
    value.length <= MAX_ID_BYTES &&
    (value.length <= MAX_ID_BYTES / 3 || keyBytes(value) <= MAX_ID_BYTES),
);

/** Codec of object types: well-formed strings that fit into the header of a record. */
export const typeName = described(
  'a string of 1 to 1024 characters, well-formed and not blank',
  (value): value is string =>
    typeof value === 'string' && value.trim() !== '' && value.length <= 1024 && !/\p{Surrogate}/u.test(value),
);

export const scheduler = described(
  'a scheduler',
  (value): value is SchedulerLike =>
    typeof value === 'object' && value !== null && 'schedule' in value && 'now' in value,
);

const timeIn = (value: unknown): number =>
  types.isDate(value) ? Date.prototype.getTime.call(value) : Number.NaN;

/** Codec of valid `Date` objects of any realm. The decoded value is a copy that has only the standard methods. */
export const validDate: t.Type<Date, unknown> = new t.Type(
  'a valid Date',
  (value): value is Date => !Number.isNaN(timeIn(value)),
  (value, context) => {
    const time = timeIn(value);
    return Number.isNaN(time) ? t.failure(value, context) : t.success(new Date(time));
  },
  t.identity,
);

/** Creates a codec of arrays. The decoded value is a copy. Each item is read once, including the holes of a sparse array. */
export const listOf = <A>(item: t.Type<A, unknown>, name: string): t.Type<readonly A[], unknown> => {
  const type: t.Type<readonly A[], unknown> = new t.Type(
    name,
    (value): value is readonly A[] => type.decode(value)._tag === 'Right',
    (value, context) => {
      if (!Array.isArray(value)) return t.failure(value, context);
      const items: A[] = [];
      const errors: t.ValidationError[] = [];
      for (let index = 0; index < value.length && errors.length < MAX_ERRORS; index++) {
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

/**
 * Maximum number of collected errors. The number is limited because a sparse array can have four billion holes, and each
 * hole can be an error.
 */
const MAX_ERRORS = 100;
