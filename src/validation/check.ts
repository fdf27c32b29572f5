import type * as t from 'io-ts';
import type { Fault } from '../errors.ts';
import { show, textOf } from './format-value.ts';

/** Maximum number of faults that an error lists. The error also contains the number of the remaining faults. */
export const MOST_FAULTS = 100;

/**
 * Returns the faults that an error lists: the first 100 faults, and one more under `path` with the number of the remaining
 * faults.
 *
 * @param count - Number of all faults; by default, the length of `first`.
 */
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

/** Description of the valid values of each io-ts codec, under the name of the codec. */
const WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Function: 'a function',
  UnknownRecord: 'an object',
};

/** Returns the path of a fault, without the indices that io-ts adds for members of intersections and unions. */
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

/** Returns a description of the valid values of a codec. It follows "must be" in an error message. */
export const wordsOf = (codec: t.Decoder<never, unknown> | undefined): string => {
  const name = codec?.name ?? '';
  return WORDS[name] ?? name;
};

/**
 * Returns the faults of a value that a codec rejected.
 *
 * @param describe - Returns a description of the rejected value.
 */
export const faultsOf = (errors: t.Errors, describe = show): readonly Fault[] =>
  errors.map(({ value, context, message }) => ({
    path: pathOf(context),
    message: message ?? `must be ${wordsOf(context.at(-1)?.type)}; received ${describe(value)}`,
  }));

/** Decodes a value. Returns its faults, or the decoded value if there are no faults. */
function decoded<A>(
  codec: t.Type<A, unknown>,
  value: unknown,
): { readonly faults: readonly Fault[]; right?: A } {
  try {
    const result = codec.decode(value);
    return result._tag === 'Left' ? { faults: faultsOf(result.left) } : { faults: [], right: result.right };
  } catch (error) {
    // A getter of the value has thrown, or the value is a proxy that throws.
    return { faults: [{ path: '', message: `cannot be read: ${textOf(error)}` }] };
  }
}

/**
 * Decodes a value, or throws one error with all of its faults. Decoded options are a copy; each option is read once.
 *
 * @param toError - Creates the error from all faults.
 * @throws The error of `toError` if the value is not valid.
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
 * Decodes several arguments and reports the faults of all of them in one error.
 *
 * @param args - Codec and value by path. An options object has the path `''`, so that the paths of its faults start with the
 *   name of the option.
 * @param toError - Creates the error from all faults.
 * @throws The error of `toError` if an argument is not valid.
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
