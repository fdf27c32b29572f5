import * as t from 'io-ts';
import type { StoreEventRequest } from '../event/event.ts';
import { OPERATIONS, type Operation } from '../event/operation.ts';
import { described } from '../validation/described.ts';
import { fields } from '../validation/fields.ts';
import { typeName } from '../validation/parts.ts';

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
