import * as t from 'io-ts';
import type { Fault } from '../errors.ts';
import { nearest } from './nearest.ts';

type Defined<O> = { [K in keyof O]: Exclude<O[K], undefined> };

/** Returns the options that are not `undefined`, so that an undefined option does not replace its default. */
export const defined = <O extends object>(options: O): Defined<O> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<O>;

/** Codec of each option, under the name of the option. */
export type OptionProps = Readonly<Record<string, t.Mixed>>;

/** Decoded options: `P` are optional, `R` are required. */
export type OptionsOf<P extends OptionProps, R extends OptionProps> = {
  readonly [K in keyof P]?: t.TypeOf<P[K]>;
} & { readonly [K in keyof R]: t.TypeOf<R[K]> };

/** Options before they are checked. */
export type Given<P extends OptionProps> = { readonly [K in keyof P]?: unknown };

const unknownOption = (name: string, known: readonly string[]): string => {
  const near = nearest(name, known);
  return near === undefined
    ? `is not a known option; the options are ${known.join(', ')}`
    : `is not a known option; did you mean '${near}'?`;
};

/**
 * Creates a codec of an options object. It rejects unknown names and suggests the most similar known name.
 *
 * The decoded value is a copy of the options that are not `undefined`. Each option is read once, so a getter cannot return
 * another value after the check, and a later change of the object has no effect.
 *
 * @param example - Example of the options, for the message about a value that is not an object.
 * @param optional - Codecs of the optional options.
 * @param required - Codecs of the required options.
 * @param rules - Returns the faults of combinations of options. Receives all options that are set, including invalid ones.
 * @param internal - Names of options that only the library sets. Messages do not list them.
 */
export function options<P extends OptionProps, R extends OptionProps = Record<never, never>>(
  example: string,
  optional: P,
  required?: R,
  rules: (given: Given<P & R>) => readonly Fault[] = () => [],
  internal: readonly string[] = [],
): t.Type<OptionsOf<P, R>, unknown> {
  const props: OptionProps = { ...required, ...optional };
  const known = Object.keys(props);
  const listed = known.filter((name) => !internal.includes(name));
  const isRequired = (name: string) => required !== undefined && Object.hasOwn(required, name);

  const validate = (given: object, context: t.Context): t.Validation<OptionsOf<P, R>> => {
    const read: Record<string, unknown> = {};
    const copy: Record<string, unknown> = {};
    const errors: t.ValidationError[] = [];
    const addFault = (path: string, message: string) =>
      errors.push({ value: given, context: [...context, { key: path, type: t.unknown }], message });
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(props, name)) addFault(name, unknownOption(name, listed));
    }
    for (const name of known) {
      const value = (given as Readonly<Record<string, unknown>>)[name];
      if (value === undefined && !isRequired(name)) continue;
      read[name] = value;
      const codec = props[name] as t.Mixed;
      const result = codec.validate(value, t.appendContext(context, name, codec, value));
      if (result._tag === 'Left') {
        for (const error of result.left) errors.push(error);
      } else copy[name] = result.right;
    }
    for (const { path, message } of rules(read as Given<P & R>)) addFault(path, message);
    return errors.length > 0 ? t.failures(errors) : t.success(copy as OptionsOf<P, R>);
  };
  const validateAny: t.Validate<unknown, OptionsOf<P, R>> = (given, context) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return t.failure(given, context);
    return validate(given, context);
  };
  const type: t.Type<OptionsOf<P, R>, unknown> = new t.Type(
    `an object such as ${example}`,
    (value): value is OptionsOf<P, R> => type.decode(value)._tag === 'Right',
    validateAny,
    t.identity,
  );
  return type;
}

/**
 * Creates a codec of objects with these fields and any other fields. The decoded value is a copy of only these fields. Each
 * field is read once, so a getter cannot return another value after the check.
 *
 * @param name - Description of the objects. It follows "must be" in an error message.
 */
export const fields = <P extends OptionProps>(
  name: string,
  props: P,
): t.Type<{ readonly [K in keyof P]: t.TypeOf<P[K]> }, unknown> => {
  type Fields = { readonly [K in keyof P]: t.TypeOf<P[K]> };
  const type: t.Type<Fields, unknown> = new t.Type(
    name,
    (value): value is Fields => type.decode(value)._tag === 'Right',
    (value, context) => {
      if (typeof value !== 'object' || value === null) return t.failure(value, context);
      const copy: Record<string, unknown> = {};
      const errors: t.ValidationError[] = [];
      for (const [key, codec] of Object.entries<t.Mixed>(props)) {
        const given = (value as Readonly<Record<string, unknown>>)[key];
        const result = codec.validate(given, t.appendContext(context, key, codec, given));
        if (result._tag === 'Left') {
          for (const error of result.left) errors.push(error);
        } else if (result.right !== undefined) copy[key] = result.right;
      }
      return errors.length > 0 ? t.failures(errors) : t.success(copy as Fields);
    },
    t.identity,
  );
  return type;
};
