import { types } from 'node:util';

/** What was thrown, in text: it may be anything, and even to look at it may throw. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error || types.isNativeError(thrown) ? thrown.message : thrown);
  } catch {
    return 'something that cannot be told in text';
  }
}
