import * as t from 'io-ts';
import type { NewRecord } from '../../engine/contract/record.ts';
import { SerializationError } from '../../errors.ts';
import type { StoreEventRequest } from '../../event/event.ts';
import { OperationCodec } from '../../event/event-filter.ts';
import { fields } from '../../validation/options.ts';
import { typeName } from '../../validation/types.ts';
import { readBack, tryCatch } from '../serialization/read-back.ts';
import type { Serializer } from '../serialization/serializer.ts';
import { shortcutsOf } from '../serialization/serializer-shortcuts.ts';

const NAME = 'a request { operation, objectType, object }';

const Fields = fields(NAME, { operation: OperationCodec, objectType: typeName, object: t.unknown });

/**
 * Validates a request and decodes it to a copy. Reads each field once, because it can be a getter. The serializer validates
 * the object.
 *
 * Every event passes this codec, so a valid request takes a short path. Only an invalid request is checked for all faults.
 */
export const StoreEventRequestCodec: t.Type<StoreEventRequest, unknown> = new t.Type(
  NAME,
  (value): value is StoreEventRequest => Fields.is(value),
  (value, context) => {
    if (typeof value !== 'object' || value === null) return t.failure(value, context);
    const { operation, objectType, object } = value as StoreEventRequest;
    const copy = { operation, objectType, object };
    if (OperationCodec.is(operation) && typeName.is(objectType)) return t.success(copy);
    return Fields.validate(copy, context) as t.Validation<StoreEventRequest>;
  },
  t.identity,
);

/** Request with its serialized object. */
export interface EncodedRequest {
  /** Record to append. */
  readonly record: NewRecord;
  /** Object to which the payload decodes. */
  readonly object: unknown;
}

/**
 * Serializes the object of a request. Later changes of the object by the caller have no effect.
 *
 * @throws {@link SerializationError} if the object cannot be serialized, its payload cannot be decoded, or it is too large.
 */
export type EncodeRequest = (request: StoreEventRequest) => EncodedRequest;

/**
 * Creates the encoder of requests of a serializer.
 *
 * @param maxEventBytes - Maximum size of a serialized object, in bytes.
 */
export function createEncodeRequest(serializer: Serializer, maxEventBytes: number): EncodeRequest {
  const serialize =
    shortcutsOf(serializer).roundTrip ??
    readBack(
      (object, type) => serializer.encode(object, type),
      (bytes, type) => serializer.decode(bytes, type),
    );

  return ({ operation, objectType, object }) => {
    const serialized = tryCatch(
      () => serialize(object, objectType, maxEventBytes),
      (faults, options) => new SerializationError(objectType, faults, options),
    );
    if (serialized._tag === 'Left') throw serialized.left;
    const { bytes, copy } = serialized.right;
    if (bytes.length > maxEventBytes) {
      const message = `must be at most ${maxEventBytes} bytes (maxEventBytes); received ${bytes.length} bytes`;
      throw new SerializationError(objectType, [{ path: 'object', message }]);
    }
    return { record: { operation, objectType, payload: bytes }, object: copy };
  };
}
