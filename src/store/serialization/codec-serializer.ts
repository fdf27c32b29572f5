import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as t from 'io-ts';
import { DeserializationError, SerializationError } from '../../errors.ts';
import type { Event, TransformedEvent } from '../../event/event.ts';
import { type Codec, objectCodecOf } from './object-codec.ts';
import { undecodableError } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { shortcutsOf, withShortcuts } from './serializer-shortcuts.ts';

/** A codec for each object type of a store. */
export type Codecs = Readonly<Record<string, Codec>>;

/**
 * Events of a store with these codecs: a union with the discriminant `objectType`. The member for a schema with different
 * types of input and output is a `TransformedEvent`.
 */
export type EventOf<C extends Codecs> = {
  [K in keyof C & string]: C[K] extends StandardSchemaV1<infer I, infer T>
    ? // Two functions are compared, because a comparison of I and T would not distinguish `any` from other types.
      (<X>() => X extends I ? true : false) extends <X>() => X extends T ? true : false
      ? Event<T, K>
      : TransformedEvent<I, T, K>
    : C[K] extends t.Mixed
      ? Event<t.TypeOf<C[K]>, K>
      : never;
}[keyof C & string];

/**
 * Returns a serializer that applies the codec of the object type. It validates and encodes an object before the
 * serialization, and decodes and validates it after the deserialization.
 */
export function codecSerializer(serializer: Serializer, codecs: Codecs): Serializer {
  const codecByType = new Map(Object.entries(codecs).map(([type, codec]) => [type, objectCodecOf(codec)]));
  const objectTypes = [...codecByType.keys()].join(', ');
  const unknownType = (objectType: string) => [
    {
      path: 'objectType',
      message: `must be one of the types with a codec, ${objectTypes}; received '${objectType}'`,
    },
  ];

  const encodeByCodec = (object: unknown, objectType: string): E.Either<SerializationError, unknown> => {
    const codec = codecByType.get(objectType);
    if (codec === undefined) return E.left(new SerializationError(objectType, unknownType(objectType)));
    const encoded = codec.encode(object);
    if (encoded._tag === 'Right') return encoded;
    const { faults, ...options } = encoded.left;
    return E.left(new SerializationError(objectType, faults, options));
  };
  const decodeByCodec = (raw: unknown, objectType: string): E.Either<DeserializationError, unknown> => {
    const codec = codecByType.get(objectType);
    if (codec === undefined) return E.left(new DeserializationError(unknownType(objectType)));
    const decoded = codec.decode(raw);
    if (decoded._tag === 'Right') return decoded;
    const { faults, ...options } = decoded.left;
    return E.left(new DeserializationError(faults, options));
  };
  const decodeAllByCodec = (raws: readonly unknown[], types: readonly string[]) => {
    const all = E.traverseArrayWithIndex((index, raw: unknown) => decodeByCodec(raw, types[index] as string))(
      raws,
    );
    return E.isRight(all) ? all.right : undefined;
  };
  const { roundTrip, decodeList } = shortcutsOf(serializer);
  return withShortcuts(
    {
      encode: (object, objectType) =>
        E.chain((raw) => serializer.encode(raw, objectType))(encodeByCodec(object, objectType)),
      decode: (bytes, objectType) =>
        E.chain((raw) => decodeByCodec(raw, objectType))(serializer.decode(bytes, objectType)),
    },
    {
      ...(roundTrip && {
        roundTrip: (object, objectType, maxBytes) =>
          pipe(
            encodeByCodec(object, objectType),
            E.chain((raw) => roundTrip(raw, objectType, maxBytes)),
            E.chain(({ bytes, copy }) =>
              pipe(
                decodeByCodec(copy, objectType),
                E.bimap(
                  (failure) => undecodableError(objectType, failure),
                  (object) => ({ bytes, copy: object }),
                ),
              ),
            ),
          ),
      }),
      ...(decodeList && {
        decodeList(list, types) {
          const raws = decodeList(list, types);
          return raws && decodeAllByCodec(raws, types);
        },
      }),
    },
  );
}
