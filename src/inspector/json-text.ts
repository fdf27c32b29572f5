import { toJsonValue } from '../store/serialization/to-json-value.ts';

/** Returns an object as JSON; `undefined` if JSON cannot represent the object, for example because it is circular. */
export function jsonTextOf(object: unknown): string | undefined {
  try {
    return JSON.stringify(object, toJsonValue);
  } catch {
    return undefined;
  }
}

/**
 * Returns the start of the JSON text of an object: at least `length` characters, or the whole text if it is shorter. Returns
 * `undefined` if JSON cannot represent the object. Converts only the parts that the start needs, because the object can be
 * large.
 */
export function jsonBeginOf(object: unknown, length: number): string | undefined {
  let remaining = length;
  // Shorten bytes before `JSON.stringify` reaches them: it converts a whole Buffer to numbers before it calls the replacer.
  const shortened = (value: unknown) => (value instanceof Uint8Array ? value.subarray(0, length) : value);

  /** Converts the first `length` values and omits the rest. Each value has at least one character, so these are enough. */
  function replace(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
    if (remaining-- <= 0) return undefined;
    const json = toJsonValue.call(this, key, value);
    if (typeof json === 'string') return json.slice(0, length);
    if (Array.isArray(json)) return json.slice(0, length).map(shortened);
    if (typeof json !== 'object' || json === null) return json;
    const members = json as Readonly<Record<string, unknown>>;
    const names = Object.keys(members).slice(0, length);
    return Object.fromEntries(names.map((name) => [name, shortened(members[name])]));
  }
  try {
    return JSON.stringify(shortened(object), replace);
  } catch {
    return undefined;
  }
}
