import type * as t from 'io-ts';
import type { Fault } from '../errors.ts';
import { show, textOf } from './format-value.ts';

/** Maximum number of faults that an error lists; the others are counted. */
export const MOST_FAULTS = 100;

/** Returns faults as an error lists them: the first hundred, and under `path` the number of the others. */
export const listedFaults = (
  first: readonly Fault[],
  path: string,
  count = first.length,
): readonly Fault[] => {
  if (count <= MOST_FAULTS) return first;
  const others = { path, message: `has ${count - MOST_FAULTS} more faults, which are not listed` };
  return [...first.slice(0, MOST_FAULTS), others];
};

const COMBINED = new Set(['IntersectionType', 'UnionType']);

/** Names of io-ts's own codecs, in words. */
const WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Function: 'a function',
  UnknownRecord: 'an object',
};

/** io-ts also notes which member of an intersection it was in; that is no part of a path that a user knows. */
const pathOf = (context: t.Context): string =>
  context
    .filter(({ key }, index) => {
      const parent = context[index - 1];
      return (
        key !== '' && !(parent !== undefined && COMBINED.has((parent.type as { _tag?: string })._tag ?? ''))
      );
    })
    .map(({ key }) => key)
    .join('.');

/** Name of the values that a codec takes, for "must be". */
export const wordsOf = (codec: t.Decoder<never, unknown> | undefined): string => {
  const name = codec?.name ?? '';
  return WORDS[name] ?? name;
};

/**
 * Faults of a value that a codec refused, in words.
 *
 * @param describe - Names the refused value.
 */
export const faultsOf = (errors: t.Errors, describe = show): readonly Fault[] =>
  errors.map(({ value, context, message }) => ({
    path: pathOf(context),
    message: message ?? `must be ${wordsOf(context.at(-1)?.type)}; received ${describe(value)}`,
  }));

/** Faults of a value, and what the codec makes of it if there are none. */
function decoded<A>(
  codec: t.Type<A, unknown>,
  value: unknown,
): { readonly faults: readonly Fault[]; right?: A } {
  try {
    const result = codec.decode(value);
    return result._tag === 'Left' ? { faults: faultsOf(result.left) } : { faults: [], right: result.right };
  } catch (error) {
    // A getter or a proxy that throws.
    return { faults: [{ path: '', message: `cannot be read: ${textOf(error)}` }] };
  }
}

/**
 * Returns what the codec makes of `value`: of options a copy, each of them read once.
 *
 * @param toError - Makes the error to throw of everything that is wrong.
 */
export function check<A>(
  codec: t.Type<A, unknown>,
  value: unknown,
  toError: (faults: readonly Fault[]) => Error,
): A {
  const { faults, right } = decoded(codec, value);
  if (faults.length > 0) throw toError(faults);
  return right as A;
}

/**
 * Checks several arguments, each under its path, and throws one error of everything that is wrong with them.
 *
 * @param args - A codec and a value by path; `''` for options, whose names are paths of their own.
 */
export function checkAll<A extends Readonly<Record<string, readonly [t.Mixed, unknown]>>>(
  args: A,
  toError: (faults: readonly Fault[]) => Error,
): { readonly [K in keyof A]: t.TypeOf<A[K][0]> } {
  const results = Object.entries(args).map(([path, [codec, value]]) => ({ path, ...decoded(codec, value) }));
  const faults = results.flatMap(({ path, faults }) =>
    faults.map((fault) => ({ ...fault, path: [path, fault.path].filter((part) => part !== '').join('.') })),
  );
  if (faults.length > 0) throw toError(faults);
  return Object.fromEntries(results.map(({ path, right }) => [path, right])) as never;
}
