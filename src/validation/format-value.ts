import { types } from 'node:util';

const kindOfObject = (value: object): string => {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return types.isPromise(value) ? 'a Promise' : 'an object';
};

/**
 * Names the kind of a value in an error message, and never the value itself: messages go to logs, and objects may hold
 * what must not.
 */
export function kindOf(value: unknown): string {
  try {
    if (value === null || value === undefined) return String(value);
    if (typeof value === 'string')
      return `a string of ${value.length} character${value.length === 1 ? '' : 's'}`;
    return typeof value === 'object' ? kindOfObject(value) : `a ${typeof value}`;
  } catch {
    return 'a value that cannot be looked at';
  }
}

/** Names an argument or option in an error message: a number or a boolean as it is, anything else by its kind. */
export const show = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);

/** What was thrown, in text: it may be anything, and even to look at it may throw. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error || types.isNativeError(thrown) ? thrown.message : thrown);
  } catch {
    return 'something that cannot be told in text';
  }
}

/** Escapes control characters and line separators: text from elsewhere must neither forge nor break a line of a log. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
