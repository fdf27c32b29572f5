import * as t from 'io-ts';
import { OPERATIONS } from '../event/operation.ts';
import { typeName } from '../validation/parts.ts';

/** What a request must look like; the object is the serializer's business. */
export const StoreEventRequestCodec = t.type(
  {
    operation: t.keyof({ CREATE: null, UPDATE: null, DELETE: null }, `one of ${OPERATIONS.join(', ')}`),
    objectType: typeName,
    object: t.unknown,
  },
  'a request { operation, objectType, object }',
);
