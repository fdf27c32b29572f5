import * as t from 'io-ts';
import type { Fault } from '../errors.ts';
import { wordsOf } from '../validation/check.ts';
import { kindOf } from '../validation/show.ts';

type Props = Readonly<Record<string, t.Mixed>>;

/** What a codec is made of, as far as io-ts tells: the parts of a value, each with its own codec. */
function partsOf(codec: t.Mixed, value: unknown): readonly [string, t.Mixed, unknown][] | undefined {
  if (codec instanceof t.ArrayType || codec instanceof t.ReadonlyArrayType) {
    return Array.isArray(value) ? value.map((item, index) => [String(index), codec.type, item]) : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  if (codec instanceof t.InterfaceType || codec instanceof t.StrictType) {
    return Object.entries(codec.props as Props).map(([key, part]) => [key, part, fields[key]]);
  }
  if (codec instanceof t.PartialType) {
    const given = Object.entries(codec.props as Props).filter(([key]) => fields[key] !== undefined);
    return given.map(([key, part]) => [key, part, fields[key]]);
  }
  if (codec instanceof t.DictionaryType) {
    return Object.entries(fields).map(([key, item]) => [key, codec.codomain, item]);
  }
  return undefined;
}

/** Codecs of one and the same value, all of which must hold. */
function membersOf(codec: t.Mixed): readonly t.Mixed[] | undefined {
  if (codec instanceof t.IntersectionType) return codec.types;
  if (codec instanceof t.ExactType || codec instanceof t.ReadonlyType || codec instanceof t.RecursiveType) {
    return [codec.type];
  }
  return undefined;
}

/**
 * Everything about a value that its codec does not take, by path.
 *
 * io-ts tells that of a value that is being decoded. This one is about to be *encoded*: a date is to be a `Date`
 * here, not its text.
 */
export function codecFaults(codec: t.Mixed, value: unknown, path: string): readonly Fault[] {
  if (codec.is(value)) return [];
  const inner =
    membersOf(codec)?.flatMap((member) => codecFaults(member, value, path)) ??
    partsOf(codec, value)?.flatMap(([key, part, item]) => codecFaults(part, item, `${path}.${key}`)) ??
    [];
  if (inner.length > 0) return inner;
  return [{ path, message: `must be ${wordsOf(codec)}; received ${kindOf(value)}` }];
}
