import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, SerializationError } from '../errors.ts';
import { faultsOf } from '../validation/check.ts';
import { show } from '../validation/show.ts';
import { codecFaults } from './codec-faults.ts';
import type { Codecs } from './codecs.ts';
import type { Serializer } from './serializer.ts';

/**
 * Puts codecs in front of a serializer: an object is checked and encoded by its type's codec on the way in, decoded
 * and checked by it on the way out.
 */
export function codecSerializer(serializer: Serializer, codecs: Codecs): Serializer {
  const known = Object.keys(codecs).join(', ');
  const unknownType = (objectType: string) => [
    {
      path: 'objectType',
      message: `there is no codec for ${show(objectType)}; there are those for ${known}`,
    },
  ];
  const codecOf = (objectType: string) =>
    Object.hasOwn(codecs, objectType) ? codecs[objectType] : undefined;

  return {
    encode(object, objectType) {
      const codec = codecOf(objectType);
      if (codec === undefined) return E.left(new SerializationError(objectType, unknownType(objectType)));
      const faults = codecFaults(codec, object, 'object');
      if (faults.length > 0) return E.left(new SerializationError(objectType, faults));
      return serializer.encode(codec.encode(object), objectType);
    },
    decode(bytes, objectType) {
      const codec = codecOf(objectType);
      if (codec === undefined) return E.left(new DeserializationError(unknownType(objectType)));
      const raw = serializer.decode(bytes, objectType);
      if (E.isLeft(raw)) return raw;
      const decoded = codec.decode(raw.right);
      if (E.isRight(decoded)) return decoded;
      const faults = faultsOf(decoded.left).map(({ path, message }) => ({
        path: path === '' ? 'object' : `object.${path}`,
        message,
      }));
      return E.left(new DeserializationError(faults));
    },
  };
}
