import * as t from 'io-ts';
import type { NewRecord } from '../../engine/contract/record.ts';
import { SerializationError } from '../../errors.ts';
import { OPERATIONS, type Operation, type StoreEventRequest } from '../../event/event.ts';
import { fields } from '../../validation/options.ts';
import { described, typeName } from '../../validation/types.ts';
import { readBack, tryCatch } from '../serialization/read-back.ts';
import type { Serializer } from '../serialization/serializer.ts';
import { shortcutsOf } from '../serialization/serializer-shortcuts.ts';

/** One of the operations. */
export const operationName = described(`one of ${OPERATIONS.join(', ')}`, (value): value is Operation =>
  (OPERATIONS as readonly unknown[]).includes(value),
);

const NAME = 'a request { operation, objectType, object }';

const Fields = fields(NAME, { operation: operationName, objectType: typeName, object: t.unknown });

/**
 * Decodes a request to a copy, each of its fields read once; the object is the serializer's business.
 *
 * Each event comes through here: only what is refused takes the way that finds all faults.
 */
export const StoreEventRequestCodec: t.Type<StoreEventRequest, unknown> = new t.Type(
  NAME,
  (value): value is StoreEventRequest => Fields.is(value),
  (value, context) => {
    if (typeof value !== 'object' || value === null) return t.failure(value, context);
    const { operation, objectType, object } = value as StoreEventRequest;
    const copy = { operation, objectType, object };
    if (operationName.is(operation) && typeName.is(objectType)) return t.success(copy);
    return Fields.validate(copy, context) as t.Validation<StoreEventRequest>;
  },
  t.identity,
);

/** A request whose object was captured: the record to be, and the object as it will be read back. */
export interface EncodedRequest {
  /** The record that has no place in the log yet. */
  readonly draft: NewRecord;
  /** What its payload decodes to. */
  readonly object: unknown;
}

/**
 * Captures a request: what its caller does to the object afterwards changes nothing.
 *
 * @throws SerializationError, also if what was encoded cannot be decoded: better now than when it is stored.
 */
export type EncodeRequest = (request: StoreEventRequest) => EncodedRequest;

/**
 * Makes what captures requests by means of a serializer.
 *
 * @param maxEventBytes - The largest object, in bytes, serialized.
 */
export function createEncodeRequest(serializer: Serializer, maxEventBytes: number): EncodeRequest {
  const serialize =
    shortcutsOf(serializer).capture ??
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
      const message = `takes ${bytes.length} bytes; an event may take ${maxEventBytes} (maxEventBytes)`;
      throw new SerializationError(objectType, [{ path: 'object', message }]);
    }
    return { draft: { operation, objectType, payload: bytes }, object: copy };
  };
}
