import * as t from 'io-ts';
import type { NewRecord } from '../../engine/contract/record.ts';
import { SerializationError } from '../../errors.ts';
import type { StoreEventRequest } from '../../event/event.ts';
import { assignContext, contextFields } from '../../event/event-context.ts';
import { OperationCodec } from '../../event/event-filter.ts';
import { nearest } from '../../validation/nearest.ts';
import { fields } from '../../validation/options.ts';
import { typeName } from '../../validation/types.ts';
import { readBack, tryCatch } from '../serialization/read-back.ts';
import type { Serializer } from '../serialization/serializer.ts';
import { shortcutsOf } from '../serialization/serializer-shortcuts.ts';

const NAME = 'a request { operation, objectType, object }';

const props = { operation: OperationCodec, objectType: typeName, object: t.unknown, ...contextFields };
const Fields = fields(NAME, props);

const NAMES = Object.keys(props);

/** Fields of an event that the log assigns. A request may have them, so that an event of a log can be stored again. */
const ASSIGNED: readonly string[] = ['seqNum', 'timestamp'];

/** Maximum number of unknown fields that an error lists. The request may be a large object that was passed by mistake. */
const MOST_UNKNOWN = 10;

const unknownField = (name: string): string => {
  const near = nearest(name, NAMES);
  return `is not a field of a request; ${near === undefined ? `the fields are ${NAMES.join(', ')}` : `did you mean '${near}'?`}`;
};

/** Returns a fault for each unknown field, up to `MOST_UNKNOWN`, and one more if `object` is missing. */
function nameFaults(request: object, context: t.Context): t.ValidationError[] {
  const faultOf = (key: string, message: string): t.ValidationError => ({
    value: request,
    context: [...context, { key, type: t.unknown }],
    message,
  });
  const unknown = Object.keys(request).filter((name) => !NAMES.includes(name) && !ASSIGNED.includes(name));
  const faults = unknown.slice(0, MOST_UNKNOWN).map((name) => faultOf(name, unknownField(name)));
  if ('object' in request) return faults;
  return [...faults, faultOf('object', 'is missing; it must be the object that the event is about')];
}

/** Returns a copy of a request. The copy has only the known fields. */
function copyOf(value: StoreEventRequest): StoreEventRequest {
  const { operation, objectType, object } = value;
  const copy = { operation, objectType, object };
  assignContext(copy, value);
  return copy;
}

/** Returns whether a request has valid fields and no metadata. */
const isValid = ({ operation, objectType, object, key, id, metadata }: StoreEventRequest): boolean =>
  OperationCodec.is(operation) &&
  typeName.is(objectType) &&
  object !== undefined &&
  contextFields.key.is(key) &&
  contextFields.id.is(id) &&
  metadata === undefined;

/**
 * Validates a request and decodes it to a copy. Reads each field once, because it can be a getter. The serializer validates
 * the object.
 *
 * Every append calls this codec, so a valid request without metadata takes a short path. If the request has no more fields
 * than its copy, it has no unknown field. Any other request is checked field by field, and its metadata is copied.
 */
export const StoreEventRequestCodec: t.Type<StoreEventRequest, unknown> = new t.Type(
  NAME,
  (value): value is StoreEventRequest => StoreEventRequestCodec.decode(value)._tag === 'Right',
  (value, context) => {
    if (typeof value !== 'object' || value === null) return t.failure(value, context);
    const copy = copyOf(value as StoreEventRequest);
    if (isValid(copy) && Object.keys(value).length <= Object.keys(copy).length) return t.success(copy);
    const result = Fields.validate(copy, context);
    const faults = nameFaults(value, context);
    if (result._tag === 'Right' && faults.length === 0) return t.success(result.right as StoreEventRequest);
    return t.failures([...faults, ...(result._tag === 'Left' ? result.left : [])]);
  },
  t.identity,
);

/** Request with its serialized object. */
export interface EncodedRequest {
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
 * Creates the function that serializes requests with a serializer.
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

  return (request) => {
    const { operation, objectType, object } = request;
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
    const record = { operation, objectType, payload: bytes };
    assignContext(record, request);
    return { record, object: copy };
  };
}
