import { types } from 'node:util';

const kindOfObject = (value: object): string => {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return types.isPromise(value) ? 'a Promise' : 'an object';
};

/**
 * Returns the kind of a value for an error message. The message must not contain the value itself, because messages are
 * logged, and objects may contain secrets.
 */
export function kindOf(value: unknown): string {
  try {
    if (value === null || value === undefined) return String(value);
    if (typeof value === 'string')
      return `a string of ${value.length} character${value.length === 1 ? '' : 's'}`;
    return typeof value === 'object' ? kindOfObject(value) : `a ${typeof value}`;
  } catch {
    return 'a value that cannot be inspected';
  }
}

/** Returns a number or boolean as text, and the kind of any other value. For arguments and options in error messages. */
export const show = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);

/**
 * Returns the message of an error, or any other thrown value as text. Never throws, even if the conversion to text throws.
 */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error || types.isNativeError(thrown) ? thrown.message : thrown);
  } catch {
    return 'a value that cannot be converted to text';
  }
}

/** Escapes control characters and line separators, so that foreign text cannot break or forge a line of a log. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
