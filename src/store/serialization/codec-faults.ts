import * as t from 'io-ts';
import type { Fault } from '../../errors.ts';
import { listedFaults, MOST_FAULTS, wordsOf } from '../../validation/check.ts';
import { kindOf } from '../../validation/format-value.ts';

const isTag = (codec: t.Mixed): boolean =>
  codec instanceof t.LiteralType ||
  codec instanceof t.KeyofType ||
  (codec instanceof t.UnionType && codec.types.every(isTag));

/**
 * Returns whether a value is an array or an object, as the codec requires. Of the properties of an object, checks only those
 * that must be a literal, for example `kind: 'circle'`.
 */
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

/** Returns the only member of a union for which `hasKindOf` returns `true`; `undefined` if there are none or several. */
function intendedMember({ types }: t.UnionType<t.Mixed[]>, value: unknown): t.Mixed | undefined {
  const [member, ...others] = types.filter((candidate) => hasKindOf(candidate, value));
  return others.length === 0 ? member : undefined;
}

type Part = readonly [key: string, codec: t.Mixed, value: unknown];

function* itemsOf(items: readonly unknown[], codecOf: (index: number) => t.Mixed): Generator<Part> {
  for (let index = 0; index < items.length; index++) yield [String(index), codecOf(index), items[index]];
}

/** Returns the elements or properties of a value, each with its codec. Only io-ts codecs of arrays and objects have them. */
function* partsOf(codec: t.Mixed, value: unknown): Generator<Part> {
  if (codec instanceof t.ArrayType || codec instanceof t.ReadonlyArrayType) {
    if (Array.isArray(value)) yield* itemsOf(value, () => codec.type);
    return;
  }
  if (codec instanceof t.TupleType) {
    const types: readonly t.Mixed[] = codec.types;
    if (Array.isArray(value))
      yield* itemsOf(value.slice(0, types.length), (index) => types[index] as t.Mixed);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Readonly<Record<string, unknown>>;
  if (codec instanceof t.InterfaceType || codec instanceof t.StrictType || codec instanceof t.PartialType) {
    for (const [key, part] of Object.entries<t.Mixed>(codec.props)) {
      if (codec instanceof t.PartialType && fields[key] === undefined) continue;
      yield [key, part, fields[key]];
    }
  }
  if (codec instanceof t.DictionaryType) {
    for (const [key, item] of Object.entries(fields)) yield [key, codec.codomain, item];
  }
}

/** Returns the codecs inside a codec that apply to the same value, for example the members of an intersection. */
function membersOf(codec: t.Mixed, value: unknown): readonly t.Mixed[] {
  if (codec instanceof t.IntersectionType) return codec.types;
  if (
    codec instanceof t.ExactType ||
    codec instanceof t.ReadonlyType ||
    codec instanceof t.RecursiveType ||
    codec instanceof t.RefinementType
  ) {
    return [codec.type];
  }
  const intended = codec instanceof t.UnionType ? intendedMember(codec, value) : undefined;
  return intended === undefined ? [] : [intended];
}

/** Collector of the first 100 faults of one object, and counter of all its faults. */
class FaultCollector {
  readonly first: Fault[] = [];
  count = 0;

  collect(codec: t.Mixed, value: unknown, path: string): void {
    if (codec.is(value)) return;
    const before = this.count;
    for (const member of membersOf(codec, value)) this.collect(member, value, path);
    for (const [key, part, item] of partsOf(codec, value)) this.collect(part, item, `${path}.${key}`);
    if (this.count > before) return;
    this.count++;
    if (this.count > MOST_FAULTS) return;
    this.first.push({ path, message: `must be ${wordsOf(codec)}; received ${kindOf(value)}` });
  }
}

/**
 * Returns the faults of a value that its codec does not accept: at most 100 faults, and one more with the number of the
 * remaining faults.
 *
 * The faults of io-ts cannot be used, because they describe a value to *decode*. This value will be *encoded*: for
 * example, a date must be a `Date`, not a string.
 */
export function codecFaults(codec: t.Mixed, value: unknown, path: string): readonly Fault[] {
  const collector = new FaultCollector();
  collector.collect(codec, value, path);
  return listedFaults(collector.first, path, collector.count);
}
