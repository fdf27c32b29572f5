import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, type Fault, SerializationError } from '../errors.ts';
import { jsonFaults } from './json-faults.ts';
import type { Serializer } from './serializer.ts';

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const fault = (error: unknown, path: string): readonly Fault[] => [
  { path, message: error instanceof Error ? error.message : String(error) },
];

/**
 * Objects as JSON text in UTF-8: the default serializer.
 *
 * What JSON would drop or change in silence is refused with every fault by its path: `undefined`, functions,
 * symbols, bigints, `NaN` and the infinities, `Map`, `Set`, circular references. An object with a `toJSON` (a
 * `Date`) is stored as what that returns, and comes back as such.
 *
 * @example
 * openLmdbStore({ path: './events.lmdb', serializer: jsonSerializer() })
 */
export const jsonSerializer = (): Serializer => ({
  encode(object, objectType) {
    try {
      const faults = jsonFaults(object);
      if (faults.length > 0) return E.left(new SerializationError(objectType, faults));
      return E.right(Buffer.from(JSON.stringify(object), 'utf8'));
    } catch (cause) {
      return E.left(new SerializationError(objectType, fault(cause, 'object'), { cause }));
    }
  },
  decode(bytes) {
    try {
      return E.right(JSON.parse(text.decode(bytes)));
    } catch (cause) {
      return E.left(new DeserializationError(fault(cause, 'object'), { cause }));
    }
  },
});
