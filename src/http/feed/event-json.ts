import type { Event } from '../../event/event.ts';

/** Replaces values of MessagePack that JSON cannot represent: bytes by base64, and big integers by their digits. */
function toJsonValue(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}

/** Returns a value as JSON text on one line. A value that JSON cannot represent, such as a function, is `null`. */
export const toJson = (value: unknown): string => JSON.stringify(value, toJsonValue) ?? 'null';

/** Returns an event as JSON text. */
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
