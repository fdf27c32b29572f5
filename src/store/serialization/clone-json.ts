/** Result of `cloneJson` for a value that only `JSON.stringify` can convert or reject. */
export const UNSURE = Symbol('unsure');

/** Maximum depth of a clone. A deeper object can be circular, so its clone is `UNSURE`. */
const MAX_DEPTH = 64;

const { toJSON, toISOString } = Date.prototype;

/**
 * Number of bytes that the current clone can still take. This is a variable of the module, which is the fastest way for the
 * functions to share it.
 */
let remainingBytes = 0;

/**
 * Returns the value that `JSON.parse(JSON.stringify(value))` returns, without the conversion to text.
 *
 * Returns `UNSURE` for a value that JSON drops or changes, and for a value of more than `maxBytes`. Also returns `UNSURE`
 * for rare values: objects with their own `toJSON`, instances of classes, and deep nesting. Reads each property once, so
 * that the stored object and the returned object cannot differ.
 */
export function cloneJson(value: unknown, maxBytes = Number.POSITIVE_INFINITY): unknown {
  remainingBytes = maxBytes;
  return copyOf(value, 0);
}

function copyOf(value: unknown, depth: number): unknown {
  if (--remainingBytes < 0) return UNSURE;
  switch (typeof value) {
    case 'string':
      remainingBytes -= value.length;
      return remainingBytes < 0 ? UNSURE : value;
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value + 0 : UNSURE; // `JSON.stringify` writes -0 as 0
    case 'object':
      return value === null ? null : copyOfObject(value, depth);
    default:
      return UNSURE;
  }
}

function copyOfObject(value: object, depth: number): unknown {
  if (depth > MAX_DEPTH) return UNSURE;
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

/**
 * Copies all properties with one spread, and then replaces the few properties that differ. This takes half the time of
 * copying each property separately.
 */
function copyOfRecord(record: Readonly<Record<string, unknown>>, depth: number): unknown {
  const copy: Record<string, unknown> = { ...record };
  for (const key of Object.keys(copy)) {
    const value = copy[key];
    remainingBytes -= key.length;
    const inner = copyOf(value, depth);
    if (inner === UNSURE || key === '__proto__') return UNSURE;
    if (!Object.is(inner, value)) copy[key] = inner;
  }
  return copy;
}

/** Copies an array. Iterates by index to include the holes of a sparse array, which `map` would skip. */
function copyOfArray(items: readonly unknown[], depth: number): unknown {
  const copy: unknown[] = [];
  for (let index = 0; index < items.length; index++) {
    const inner = copyOf(items[index], depth);
    if (inner === UNSURE) return UNSURE;
    copy.push(inner);
  }
  return copy;
}
