import type { Fault } from '../errors.ts';

/** What a format makes of objects. */
export interface FormatRules {
  /** Why the format would drop or change a value; `undefined` if it keeps it. */
  loss(value: unknown): string | undefined;
  /** What is stored in place of a value. */
  standIn(value: unknown, key: string): unknown;
  /** Why the format would change a key; `undefined` if it keeps it. */
  lossOfKey(key: string): string | undefined;
  /** Whether an object is one whole for the format, so that nobody looks inside. */
  isWhole(value: object): boolean;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What is inside an object, the holes of an array too. */
const inside = (object: object): Iterable<[number | string, unknown]> =>
  Array.isArray(object) ? object.entries() : Object.entries(object);

/** Deeper than this an object may contain itself, and is looked at by the slower walk that would notice. */
const TRUSTED_DEPTH = 64;

/** Whether the format holds all of a value; `false` also where that cannot be told in a hurry. */
function isHeld(rules: FormatRules, value: unknown, key: string, depth: number): boolean {
  const seen = rules.standIn(value, key);
  if (rules.loss(seen) !== undefined || depth > TRUSTED_DEPTH) return false;
  if (!isObject(seen) || rules.isWhole(seen)) return true;
  if (Array.isArray(seen)) return areItemsHeld(rules, seen, depth + 1);
  for (const inner of Object.keys(seen)) {
    if (rules.lossOfKey(inner) !== undefined) return false;
    if (!isHeld(rules, (seen as Readonly<Record<string, unknown>>)[inner], inner, depth + 1)) return false;
  }
  return true;
}

/** By index, which comes by the holes, too. */
function areItemsHeld(rules: FormatRules, items: readonly unknown[], depth: number): boolean {
  for (let index = 0; index < items.length; index++) {
    if (!isHeld(rules, items[index], String(index), depth)) return false;
  }
  return true;
}

function* walk(
  rules: FormatRules,
  value: unknown,
  key: string,
  path: string,
  above: ReadonlySet<object>,
): Generator<Fault> {
  const seen = rules.standIn(value, key);
  const message = isObject(seen) && above.has(seen) ? 'contains itself' : rules.loss(seen);
  if (message !== undefined) {
    yield { path, message };
  } else if (isObject(seen) && !rules.isWhole(seen)) {
    const below = new Set(above).add(seen);
    for (const [inner, child] of inside(seen)) {
      const odd = rules.lossOfKey(String(inner));
      if (odd !== undefined) yield { path, message: odd };
      yield* walk(rules, child, String(inner), `${path}.${inner}`, below);
    }
  }
}

/** Everything in an object that a format cannot hold, by its path from `object`. */
export const objectFaults = (rules: FormatRules, object: unknown): readonly Fault[] =>
  isHeld(rules, object, '', 0) ? [] : [...walk(rules, object, '', 'object', new Set())];
