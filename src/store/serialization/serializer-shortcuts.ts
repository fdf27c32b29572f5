import type { Either } from 'fp-ts/lib/Either.js';
import type { SerializationError } from '../../errors.ts';
import type { Serializer } from './serializer.ts';

/** Result of encoding an object and decoding it again. */
export interface RoundTrip {
  /** Payload, which does not change afterwards. */
  readonly bytes: Uint8Array;
  /** Object to which the payload decodes. It shares no part with the original object. */
  readonly copy: unknown;
}

/** Operations that a serializer can perform faster than a store can with `encode` and `decode`. */
export interface SerializerShortcuts {
  /** Calls `encode` and then `decode`. Fails as early as possible for an object of more than `maxBytes`. */
  readonly roundTrip?: (
    object: unknown,
    objectType: string,
    maxBytes: number,
  ) => Either<SerializationError, RoundTrip>;
  /** Whether decoded objects consist only of plain objects and arrays, without circular references. */
  readonly isPlain?: boolean;
  /**
   * Decodes several ASCII payloads, which are separated by commas, each with its object type. Returns `undefined` or throws
   * if one of the payloads cannot be decoded.
   */
  readonly decodeList?: (list: string, objectTypes: readonly string[]) => readonly unknown[] | undefined;
}

const shortcutsBySerializer = new WeakMap<Serializer, SerializerShortcuts>();

/**
 * Registers the shortcuts of a serializer object. The shortcuts are not members of the object. An application can create a
 * serializer that copies the members and replaces `encode` or `decode`, and that serializer must not inherit the shortcuts.
 */
export function withShortcuts(serializer: Serializer, shortcuts: SerializerShortcuts): Serializer {
  shortcutsBySerializer.set(serializer, shortcuts);
  return serializer;
}

/** Returns the shortcuts of a serializer; an empty object if it has none. */
export const shortcutsOf = (serializer: Serializer): SerializerShortcuts =>
  shortcutsBySerializer.get(serializer) ?? {};
