import type { Fault } from '../errors.ts';

/** What `JSON.stringify` would drop or change without a word; `undefined` if it keeps the value. */
function loss(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'function':
    case 'symbol':
      return `JSON has no ${typeof value}`;
    case 'bigint':
      return 'JSON has no bigint; store it as a string';
    case 'number':
      return Number.isFinite(value) ? undefined : `JSON has no ${value}`;
    case 'object':
      return value === null ? undefined : lossOfObject(value);
    default:
      return undefined;
  }
}

function lossOfObject(object: object): string | undefined {
  if (object instanceof Map || object instanceof Set) return `JSON has no ${object.constructor.name}`;
  return Object.getOwnPropertySymbols(object).length > 0 ? 'JSON has no keys that are symbols' : undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What is stored in place of a value: what its `toJSON` returns, if it has one. */
function stringified(value: unknown, key: string): unknown {
  if (!isObject(value) || !('toJSON' in value) || typeof value.toJSON !== 'function') return value;
  // JSON has null for an invalid date, but nobody who stores one means that: it is refused as the NaN that it is.
  return value instanceof Date && Number.isNaN(value.getTime()) ? Number.NaN : value.toJSON(key);
}

/** What is inside an object, the holes of an array too. */
const inside = (object: object): Iterable<[number | string, unknown]> =>
  Array.isArray(object) ? object.entries() : Object.entries(object);

/** Deeper than this an object may contain itself, and is looked at by the slower walk that would notice. */
const TRUSTED_DEPTH = 64;

/** Whether JSON holds all of a value; `false` also where that cannot be told in a hurry. */
function isWhole(value: unknown, key: string, depth: number): boolean {
  const seen = stringified(value, key);
  if (loss(seen) !== undefined || depth > TRUSTED_DEPTH) return false;
  if (!isObject(seen)) return true;
  for (const [inner, child] of inside(seen)) {
    if (!isWhole(child, String(inner), depth + 1)) return false;
  }
  return true;
}

function* walk(value: unknown, key: string, path: string, above: ReadonlySet<object>): Generator<Fault> {
  const seen = stringified(value, key);
  const message = isObject(seen) && above.has(seen) ? 'JSON has no circular references' : loss(seen);
  if (message !== undefined) {
    yield { path, message };
  } else if (isObject(seen)) {
    const below = new Set(above).add(seen);
    for (const [inner, child] of inside(seen)) yield* walk(child, String(inner), `${path}.${inner}`, below);
  }
}

/** Everything in an object that JSON cannot hold, by its path from `object`. */
export const jsonFaults = (object: unknown): readonly Fault[] =>
  isWhole(object, '', 0) ? [] : [...walk(object, '', 'object', new Set())];
