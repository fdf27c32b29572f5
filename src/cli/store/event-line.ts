import type { StoredEvent } from './open-store.ts';
import { Payload } from './payload.ts';

/** Returns the date that a text describes; `undefined` if the value is not a text with a date. */
function dateOf(value: unknown): Date | undefined {
  const date = typeof value === 'string' ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

function parse(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The message of the JSON parser is not used, because it contains a part of the line, which can contain secrets.
    throw new Error('must be JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new Error('must be an event, which is a JSON object');
}

/**
 * Parses a line of an export. The store checks the other fields when the event is imported.
 *
 * @throws {@link Error} if the line is not an event. The message does not contain the number of the line.
 */
export function parseEventLine(line: string): StoredEvent {
  const { seqNum, timestamp, operation, objectType, object, key, id, metadata } = parse(line);
  const date = dateOf(timestamp);
  if (!Number.isSafeInteger(seqNum) || (seqNum as number) < 1) {
    throw new Error('seqNum must be a whole number of at least 1');
  }
  if (date === undefined) throw new Error('timestamp must be a date, for example 2026-01-31T12:00:00.000Z');
  if (object === undefined) throw new Error('object is missing');
  return {
    seqNum: seqNum as number,
    timestamp: date,
    operation: operation as StoredEvent['operation'],
    objectType: objectType as string,
    object: new Payload(Buffer.from(JSON.stringify(object))),
    ...(key !== undefined && { key }),
    ...(id !== undefined && { id }),
    ...(metadata !== undefined && { metadata }),
  } as StoredEvent;
}
