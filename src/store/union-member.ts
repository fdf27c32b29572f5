import * as t from 'io-ts';

const isTag = (codec: t.Mixed): boolean =>
  codec instanceof t.LiteralType ||
  codec instanceof t.KeyofType ||
  (codec instanceof t.UnionType && codec.types.every(isTag));

/** Tells whether a value is of the kind of a codec, and has its tags; it looks no deeper. */
function hasKindOf(codec: t.Mixed, value: unknown): boolean {
  if (codec instanceof t.IntersectionType) {
    return codec.types.every((member: t.Mixed) => hasKindOf(member, value));
  }
  if (
    codec instanceof t.ExactType ||
    codec instanceof t.ReadonlyType ||
    codec instanceof t.RecursiveType ||
    codec instanceof t.RefinementType
  ) {
    return hasKindOf(codec.type, value);
  }
  if (codec instanceof t.ArrayType || codec instanceof t.ReadonlyArrayType || codec instanceof t.TupleType) {
    return Array.isArray(value);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (codec instanceof t.InterfaceType || codec instanceof t.StrictType) {
    const fields = value as Readonly<Record<string, unknown>>;
    return Object.entries<t.Mixed>(codec.props).every(([key, part]) => !isTag(part) || part.is(fields[key]));
  }
  return codec instanceof t.PartialType || codec instanceof t.DictionaryType;
}

/** Returns the member of a union that a refused value was meant for; `undefined` unless exactly one is of its kind. */
export function memberMeant({ types }: t.UnionType<t.Mixed[]>, value: unknown): t.Mixed | undefined {
  const [member, ...others] = types.filter((candidate) => hasKindOf(candidate, value));
  return others.length === 0 ? member : undefined;
}
