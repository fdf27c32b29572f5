import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as t from 'io-ts';
import { DeserializationError, type Fault, SerializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { faultsOf, listedFaults, MOST_FAULTS } from '../../validation/check.ts';
import { kindOf } from '../../validation/format-value.ts';
import { codecFaults } from './codec-faults.ts';
import { undecodableError } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { shortcutsOf, withShortcuts } from './serializer-shortcuts.ts';

/** An io-ts codec for each object type of a store. */
export type Codecs = Readonly<Record<string, t.Mixed>>;

/** Events of a store with these codecs: a union with the discriminant `objectType`. */
export type EventOf<C extends Codecs> = {
  [K in keyof C & string]: Event<t.TypeOf<C[K]>, K>;
}[keyof C & string];

const faultsOfObject = (errors: t.Errors): readonly Fault[] => {
  const first = faultsOf(errors.slice(0, MOST_FAULTS), kindOf).map(({ path, message }) => ({
    path: path === '' ? 'object' : `object.${path}`,
    message,
  }));
  return listedFaults(first, 'object', errors.length);
};

/**
 * Returns a serializer that applies the codec of the object type: it validates and encodes an object before it is serialized,
 * and validates and decodes it after it is deserialized.
 */
export function codecSerializer(serializer: Serializer, codecs: Codecs): Serializer {
  const objectTypes = Object.keys(codecs).join(', ');
  const unknownType = (objectType: string) => [
    {
      path: 'objectType',
      message: `must be one of the types with a codec, ${objectTypes}; received '${objectType}'`,
    },
  ];
  const codecOf = (objectType: string) =>
    Object.hasOwn(codecs, objectType) ? codecs[objectType] : undefined;

  const encodeByCodec = (object: unknown, objectType: string): E.Either<SerializationError, unknown> => {
    const codec = codecOf(objectType);
    if (codec === undefined) return E.left(new SerializationError(objectType, unknownType(objectType)));
    const faults = codecFaults(codec, object, 'object');
    return faults.length > 0
      ? E.left(new SerializationError(objectType, faults))
      : E.right(codec.encode(object));
  };
  const decodeByCodec = (raw: unknown, objectType: string): E.Either<DeserializationError, unknown> => {
    const codec = codecOf(objectType);
    if (codec === undefined) return E.left(new DeserializationError(unknownType(objectType)));
    return E.mapLeft((errors: t.Errors) => new DeserializationError(faultsOfObject(errors)))(
      codec.decode(raw),
    );
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
