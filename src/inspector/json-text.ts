/** Replaces values that JSON cannot represent: bytes by base64, and big integers by their digits. */
function toJsonValue(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}

/** Returns an object as JSON; `undefined` if JSON cannot represent the object, for example because it is circular. */
export function jsonTextOf(object: unknown): string | undefined {
  try {
    return JSON.stringify(object, toJsonValue);
  } catch {
    return undefined;
  }
}
