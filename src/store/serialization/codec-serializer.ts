import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as t from 'io-ts';
import { DeserializationError, type Fault, SerializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { faultsOf, listedFaults, MOST_FAULTS } from '../../validation/check.ts';
import { kindOf } from '../../validation/format-value.ts';
import { codecFaults } from './codec-faults.ts';
import { unreadable } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { shortcutsOf, withShortcuts } from './serializer-shortcuts.ts';

/** An io-ts codec for each object type that a store may hold. */
export type Codecs = Readonly<Record<string, t.Mixed>>;

/** The events of a store with these codecs: a union that `objectType` tells apart. */
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
 * Puts codecs in front of a serializer: an object is checked and encoded by its type's codec on the way in, decoded
 * and checked by it on the way out.
 */
export function codecSerializer(serializer: Serializer, codecs: Codecs): Serializer {
  const known = Object.keys(codecs).join(', ');
  const unknownType = (objectType: string) => [
    {
      path: 'objectType',
      message: `has no codec: '${objectType}'; there are codecs for ${known}`,
    },
  ];
  const codecOf = (objectType: string) =>
    Object.hasOwn(codecs, objectType) ? codecs[objectType] : undefined;

  /** What the codec of a type makes of an object, if it takes it. */
  const encoded = (object: unknown, objectType: string): E.Either<SerializationError, unknown> => {
    const codec = codecOf(objectType);
    if (codec === undefined) return E.left(new SerializationError(objectType, unknownType(objectType)));
    const faults = codecFaults(codec, object, 'object');
    return faults.length > 0
      ? E.left(new SerializationError(objectType, faults))
      : E.right(codec.encode(object));
  };
  /** What the codec of a type makes of what was read, if it takes it. */
  const decoded = (raw: unknown, objectType: string): E.Either<DeserializationError, unknown> => {
    const codec = codecOf(objectType);
    if (codec === undefined) return E.left(new DeserializationError(unknownType(objectType)));
    return E.mapLeft((errors: t.Errors) => new DeserializationError(faultsOfObject(errors)))(
      codec.decode(raw),
    );
  };
  const decodedAll = (raws: readonly unknown[], objectTypes: readonly string[]) => {
    const all = E.traverseArrayWithIndex((index, raw: unknown) => decoded(raw, objectTypes[index] as string))(
      raws,
    );
    return E.isRight(all) ? all.right : undefined;
  };
  const { capture, decodeList } = shortcutsOf(serializer);
  return withShortcuts(
    {
      encode: (object, objectType) =>
        E.chain((raw) => serializer.encode(raw, objectType))(encoded(object, objectType)),
      decode: (bytes, objectType) =>
        E.chain((raw) => decoded(raw, objectType))(serializer.decode(bytes, objectType)),
    },
    {
      ...(capture && {
        capture: (object, objectType, maxBytes) =>
          pipe(
            encoded(object, objectType),
            E.chain((raw) => capture(raw, objectType, maxBytes)),
            E.chain(({ bytes, copy }) =>
              pipe(
                decoded(copy, objectType),
                E.bimap(
                  (failure) => unreadable(objectType, failure),
                  (object) => ({ bytes, copy: object }),
                ),
              ),
            ),
          ),
      }),
      ...(decodeList && {
        decodeList(list, objectTypes) {
          const raws = decodeList(list, objectTypes);
          return raws && decodedAll(raws, objectTypes);
        },
      }),
    },
  );
}
