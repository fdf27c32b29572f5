/** Stands for "better ask JSON itself". */
export const UNSURE = Symbol('unsure');

/** Deeper than this an object may contain itself. */
const TRUSTED_DEPTH = 64;

const { toJSON, toISOString } = Date.prototype;

/** Bytes that the copy in progress may still take; a variable of the module, because each value counts. */
let room = 0;

/**
 * What comes back of a value that is stored as JSON, without a detour by text; `UNSURE` for all that JSON would drop or
 * change, and for whatever is out of the ordinary: what has a `toJSON` of its own, instances of classes, deep nesting, and
 * a copy of more than `maxBytes`.
 *
 * Each property is looked at once, so that what is stored and what is given back cannot differ.
 */
export function cloneJson(value: unknown, maxBytes = Number.POSITIVE_INFINITY): unknown {
  room = maxBytes;
  return copyOf(value, 0);
}

function copyOf(value: unknown, depth: number): unknown {
  if (--room < 0) return UNSURE;
  switch (typeof value) {
    case 'string':
      room -= value.length;
      return room < 0 ? UNSURE : value;
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value + 0 : UNSURE; // JSON has no -0
    case 'object':
      return value === null ? null : copyOfObject(value, depth);
    default:
      return UNSURE;
  }
}

function copyOfObject(value: object, depth: number): unknown {
  if (depth > TRUSTED_DEPTH) return UNSURE;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Date.prototype) return copyOfDate(value as Date);
  if ('toJSON' in value || Object.getOwnPropertySymbols(value).length > 0) return UNSURE;
  if (prototype === Object.prototype) return copyOfRecord(value as Record<string, unknown>, depth + 1);
  return prototype === Array.prototype && Array.isArray(value) ? copyOfArray(value, depth + 1) : UNSURE;
}

function copyOfDate(date: Date): unknown {
  const isPlain = date.toJSON === toJSON && date.toISOString === toISOString;
  return isPlain && !Number.isNaN(date.getTime()) ? date.toISOString() : UNSURE;
}

/** All at once, which takes half the time of one by one: few values are others than themselves. */
function copyOfRecord(record: Readonly<Record<string, unknown>>, depth: number): unknown {
  const copy: Record<string, unknown> = { ...record };
  for (const key of Object.keys(copy)) {
    const value = copy[key];
    room -= key.length;
    const inner = copyOf(value, depth);
    if (inner === UNSURE || key === '__proto__') return UNSURE;
    if (!Object.is(inner, value)) copy[key] = inner;
  }
  return copy;
}

/** By index, which comes by the holes, too. */
function copyOfArray(items: readonly unknown[], depth: number): unknown {
  const copy: unknown[] = [];
  for (let index = 0; index < items.length; index++) {
    const inner = copyOf(items[index], depth);
    if (inner === UNSURE) return UNSURE;
    copy.push(inner);
  }
  return copy;
}
