import type { Event } from '../../event/event.ts';
import { toJsonValue } from '../../store/serialization/to-json-value.ts';

/** Returns a value as JSON text on one line. A value that JSON cannot represent, such as a function, is `null`. */
export const toJson = (value: unknown): string => JSON.stringify(value, toJsonValue) ?? 'null';

/** Returns an event as JSON text on one line. An event without an object has the object `null`. */
export const eventToJson = ({ seqNum, timestamp, operation, objectType, key, id, metadata, object }: Event) =>
  toJson({
    seqNum,
    timestamp,
    operation,
    objectType,
    key,
    id,
    metadata,
    object: object ?? null,
  });
