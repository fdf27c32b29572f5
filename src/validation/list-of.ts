import * as t from 'io-ts';

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
