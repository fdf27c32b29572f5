import { toJsonValue } from '../store/serialization/to-json-value.ts';

/** Returns an object as JSON; `undefined` if JSON cannot represent the object, for example because it is circular. */
export function jsonTextOf(object: unknown): string | undefined {
  try {
    return JSON.stringify(object, toJsonValue);
  } catch {
    return undefined;
  }
}
