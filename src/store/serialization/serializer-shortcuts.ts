import type { Either } from 'fp-ts/lib/Either.js';
import type { SerializationError } from '../../errors.ts';
import type { Serializer } from './serializer.ts';

/** An object in bytes, and what those bytes decode to. */
export interface Serialized {
  /** The bytes, which nobody changes any more. */
  readonly bytes: Uint8Array;
  /** What `decode` makes of them: it shares nothing with the object that was given. */
  readonly copy: unknown;
}

/** What some serializers can do for less than a store would do it by `encode` and `decode`. */
export interface SerializerShortcuts {
  /** `encode`, and then `decode`; refuses as early as it can what takes more than `maxBytes`. */
  readonly capture?: (
    object: unknown,
    objectType: string,
    maxBytes: number,
  ) => Either<SerializationError, Serialized>;
  /** Whether what it decodes is nothing but plain objects and arrays, none of which contains itself. */
  readonly isPlain?: boolean;
  /**
   * `decode` of several at once, given as text with commas between, for all of them are ASCII, and each with its object
   * type; `undefined`, or an error, if one of them cannot be decoded.
   */
  readonly decodeList?: (list: string, objectTypes: readonly string[]) => readonly unknown[] | undefined;
}

const known = new WeakMap<Serializer, SerializerShortcuts>();

/**
 * Notes the shortcuts of a serializer: of this very object. They are no members of it, so that somebody's own that is
 * made of it, with another `encode` or `decode`, does not take ways around these.
 */
export function withShortcuts(serializer: Serializer, shortcuts: SerializerShortcuts): Serializer {
  known.set(serializer, shortcuts);
  return serializer;
}

/** The shortcuts of a serializer, as far as it has any. */
export const shortcutsOf = (serializer: Serializer): SerializerShortcuts => known.get(serializer) ?? {};
