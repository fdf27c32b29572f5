/**
 * Replacer for `JSON.stringify` that converts values of MessagePack that JSON cannot represent: bytes to base64, and big
 * integers to their digits.
 */
export function toJsonValue(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  // `JSON.stringify` has already called `toJSON` of a Buffer, so read the original value.
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}
