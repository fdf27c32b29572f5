import * as t from 'io-ts';
import type { OptionProps } from './options.ts';

/**
 * A codec of objects with these fields, and any others. It decodes to a copy of the fields alone, each read once, so that
 * a getter cannot answer differently after the check.
 *
 * @param name - Name of the objects, for "must be".
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
