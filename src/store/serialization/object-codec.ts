import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Fault } from '../../errors.ts';
import { faultsOf, listedFaults, MOST_FAULTS } from '../../validation/check.ts';
import { kindOf } from '../../validation/format-value.ts';
import { fn } from '../../validation/types.ts';
import { codecFaults } from './codec-faults.ts';
import { type CodecFailure, isStandardSchema, validateBySchema } from './standard-schema.ts';

/** Codec of the objects of one object type: an io-ts codec, or a schema of any library that implements Standard Schema v1. */
export type Codec = t.Mixed | StandardSchemaV1;

const IoTsCodec = t.type({ is: fn, decode: fn, encode: fn });

/** Returns whether a value is an io-ts type or a schema of a library that implements Standard Schema. */
export const isCodec = (value: unknown): value is Codec => isStandardSchema(value) || IoTsCodec.is(value);

/** Functions that validate and convert the objects of one object type. */
export interface ObjectCodec {
  /** Validates an object. Returns the value to serialize. */
  encode(object: unknown): Either<CodecFailure, unknown>;
  /** Validates a deserialized value. Returns the object of the event. */
  decode(raw: unknown): Either<CodecFailure, unknown>;
}

const decodingFaults = (errors: t.Errors): readonly Fault[] => {
  const first = faultsOf(errors.slice(0, MOST_FAULTS), kindOf).map(({ path, message }) => ({
    path: path === '' ? 'object' : `object.${path}`,
    message,
  }));
  return listedFaults(first, 'object', errors.length);
};

const ioTsCodec = (codec: t.Mixed): ObjectCodec => ({
  encode(object) {
    const faults = codecFaults(codec, object, 'object');
    return faults.length > 0 ? left({ faults }) : right(codec.encode(object));
  },
  decode(raw) {
    const decoded = codec.decode(raw);
    return decoded._tag === 'Right' ? decoded : left({ faults: decodingFaults(decoded.left) });
  },
});

/**
 * Returns the functions of a schema. A schema cannot encode: it only validates the object, and the object itself is stored.
 */
const schemaCodec = ({ '~standard': schema }: StandardSchemaV1): ObjectCodec => ({
  encode(object) {
    const validated = validateBySchema(schema, object);
    return validated._tag === 'Right' ? right(object) : validated;
  },
  decode: (raw) => validateBySchema(schema, raw),
});

/**
 * Returns the functions of a codec. Checks first whether the codec is a Standard Schema, because schemas of some libraries
 * also have methods with the names `encode` and `decode`, like an io-ts codec.
 */
export const objectCodecOf = (codec: Codec): ObjectCodec =>
  isStandardSchema(codec) ? schemaCodec(codec) : ioTsCodec(codec);
