import * as t from 'io-ts';

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
