import { type CloudEvent, toCloudEvent } from '../../index.ts';
import type { StoredEvent } from '../store/open-store.ts';
import { cut, safeLines, safeText, widthOf } from './text.ts';

/** Event as the commands print it as JSON. */
export interface EventDocument {
  readonly seqNum: number;
  readonly timestamp: string;
  readonly operation: string;
  readonly objectType: string;
  readonly key?: string;
  readonly id?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly object?: unknown;
  /** Payload in base64; present instead of `object` if the payload is neither JSON nor MessagePack. */
  readonly payload?: string;
}

/** Replaces values of MessagePack that JSON lacks: bytes by base64, and big integers by their digits. */
function toJsonValue(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  return typeof value === 'bigint' ? String(value) : value;
}

/** Returns an object as JSON on one line, without characters that a terminal interprets. */
export const toJsonText = (value: unknown): string => safeText(JSON.stringify(value, toJsonValue));

/** Returns an object as JSON on several lines, without characters that a terminal interprets. */
export const toPrettyJson = (value: unknown): string => safeLines(JSON.stringify(value, toJsonValue, 2));

export function toDocument({ object: payload, timestamp, ...event }: StoredEvent): EventDocument {
  const decoded = payload.decode();
  const { seqNum, operation, objectType, key, id, metadata } = event;
  return {
    seqNum,
    timestamp: timestamp.toISOString(),
    operation,
    objectType,
    ...(key !== undefined && { key }),
    ...(id !== undefined && { id }),
    ...(metadata !== undefined && { metadata }),
    ...(decoded === undefined
      ? { payload: Buffer.from(payload.bytes).toString('base64') }
      : // A value of MessagePack can be `undefined`. JSON would omit the field, so the event would seem to have no object.
        { object: decoded.object ?? null }),
  };
}

/** Returns an event as a CloudEvent. A payload that cannot be decoded becomes a text in base64. */
export function toCloud(event: StoredEvent, source: string): CloudEvent {
  const { object, payload = null } = toDocument(event);
  return toCloudEvent({ ...event, object: object ?? payload }, { source });
}

/** Widths of the parts of a line of the event table, in columns of the terminal. */
interface EventColumns {
  readonly seqNum: number;
  readonly type: number;
  readonly key: number;
  /** Number of characters of the time: those of a full timestamp, those of a time of day, or 0 for no time. */
  readonly time: number;
}

const FULL_TIME = '2026-01-31T12:00:00.000Z'.length;
const CLOCK_TIME = '12:00:00'.length;
/** Minimum width of a line with a full timestamp, in columns. */
const WIDE = 100;
/** Minimum width of a line with a time and a key, in columns. */
const MEDIUM = 60;

const columnsFor = (width: number): EventColumns => {
  if (width >= WIDE) return { seqNum: 8, type: 16, key: 16, time: FULL_TIME };
  if (width >= MEDIUM) return { seqNum: 7, type: 12, key: 10, time: CLOCK_TIME };
  return { seqNum: 5, type: 8, key: 0, time: 0 };
};

const padded = (text: string, width: number): string => {
  const shown = cut(safeText(text), width);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
};

const timeText = (timestamp: Date, { time }: EventColumns): string => {
  const text = timestamp.toISOString();
  return time === CLOCK_TIME ? text.slice(11, 19) : text;
};

/**
 * Returns an event as one line of a table. The columns have fixed widths, because the widths of later events are not known
 * while the log is followed.
 *
 * @param width - Width of the output, in columns.
 */
export function toTableLine(event: StoredEvent, width: number): string {
  const columns = columnsFor(width);
  const { seqNum, timestamp, operation, objectType, key = '' } = event;
  const cells = [
    String(seqNum).padStart(columns.seqNum),
    ...(columns.time > 0 ? [timeText(timestamp, columns)] : []),
    operation,
    padded(objectType, columns.type),
    ...(columns.key > 0 ? [padded(key, columns.key)] : []),
    objectText(event),
  ];
  return cut(cells.join('  '), width);
}

function objectText(event: StoredEvent): string {
  const decoded = event.object.decode();
  return decoded === undefined ? `${event.object.bytes.length} bytes` : toJsonText(decoded.object);
}
