import { crc32 } from 'node:zlib';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { OPERATIONS, type Operation } from '../../../event/event.ts';
import { assignContext, type EventContext } from '../../../event/event-context.ts';
import type { NewRecord } from '../../contract/record.ts';
import { encodeType } from '../subjects.ts';
import { formatContext, parseContext } from './context-format.ts';

/** Name of the message header that contains the event header. */
const HEADER_NAME = 'Rx-Watcher';

/**
 * Version of the format of the header `Rx-Watcher`. The fields of this header, separated by blanks, are the version,
 * operation, timestamp, CRC-32 of the payload, and object type. The named fields of `formatContext` follow if the event has
 * any.
 */
const VERSION = '1';

/** Header with the id of a message. Within the duplicate window, the server stores only the first message with this id. */
const MESSAGE_ID = 'Nats-Msg-Id';

/**
 * Header with the required last sequence number of the stream. The server rejects the message if the stream has another last
 * sequence number.
 */
const EXPECTED_LAST_SEQUENCE = 'Nats-Expected-Last-Sequence';

/** Header with the required id of the last message. The server rejects the message if the last message has another id. */
const EXPECTED_LAST_ID = 'Nats-Expected-Last-Msg-Id';

/**
 * Header of a message that looks up a message id and is never stored. The server checks the id first: if it knows the id, it
 * answers with the sequence number of the stored message. Otherwise, it rejects the message because of this header.
 */
const ROLLUP = 'Nats-Rollup';

/** Value of the header `Nats-Rollup` that no server accepts, even if the stream permits rollups. */
const NO_ROLLUP = 'none';

/** Id of a message, and the state that the stream must have for the server to store the message. */
export interface AppendPrecondition {
  /** Id of the message. */
  readonly id: string;
  /** Required last sequence number of the stream, as the server counts it. */
  readonly afterSequence?: number;
  /** Required id of the last message. */
  readonly afterId?: string;
}

/** Event header in a message. A key, an id or metadata that the event does not have are missing. */
export interface RecordHeader extends EventContext {
  /** Kind of change: `CREATE`, `UPDATE` or `DELETE`. */
  readonly operation: Operation;
  /** Name of the kind of object, for example `Job`. */
  readonly objectType: string;
  /** Time of the append, in milliseconds since 1970. */
  readonly timestamp: number;
  /** CRC-32 of the payload. */
  readonly checksum: number;
}

/** Encodes the event header of a record as the text of the header `Rx-Watcher`. */
export const formatHeader = (record: NewRecord, timestamp: number): string => {
  const checksum = crc32(record.payload).toString(16);
  const type = encodeType(record.objectType);
  return `${VERSION} ${record.operation} ${timestamp} ${checksum} ${type}${formatContext(record)}`;
};

/** Creates the headers of a message: the event header, the id of the message, and the precondition. */
export function toHeaders(
  record: NewRecord,
  timestamp: number,
  { id, afterSequence, afterId }: AppendPrecondition,
): MsgHdrs {
  const result = headers();
  result.set(HEADER_NAME, formatHeader(record, timestamp));
  result.set(MESSAGE_ID, id);
  if (afterSequence !== undefined) result.set(EXPECTED_LAST_SEQUENCE, `${afterSequence}`);
  if (afterId !== undefined) result.set(EXPECTED_LAST_ID, afterId);
  return result;
}

/** Creates the headers of a message that only looks up a message id. The server does not store the message. */
export function toLookupHeaders(id: string): MsgHdrs {
  const result = headers();
  result.set(MESSAGE_ID, id);
  result.set(ROLLUP, NO_ROLLUP);
  return result;
}

/** Headers of a message of an atomic batch: its id, the position from 1, and the mark of the last message. */
const BATCH_ID = 'Nats-Batch-Id';
const BATCH_SEQUENCE = 'Nats-Batch-Sequence';
const BATCH_COMMIT = 'Nats-Batch-Commit';

/**
 * Sets the headers that assign messages to an atomic batch. The server stores the batch when it has received the last
 * message.
 */
export function setBatchHeaders(batchId: string, messages: readonly MsgHdrs[]): void {
  for (const [index, message] of messages.entries()) {
    message.set(BATCH_ID, batchId);
    message.set(BATCH_SEQUENCE, `${index + 1}`);
  }
  messages.at(-1)?.set(BATCH_COMMIT, '1');
}

/** Returns the encoded event header of a message; an empty string if there is none. */
export const headerText = (messageHeaders: MsgHdrs | undefined): string =>
  messageHeaders?.get(HEADER_NAME) ?? '';

const isOperation = (text: string | undefined): text is Operation =>
  (OPERATIONS as readonly (string | undefined)[]).includes(text);

/** Decodes an object type. A text without escapes is returned without a call of the slow decoder. */
const decodeType = (encoded: string): string =>
  encoded.includes('%') ? decodeURIComponent(encoded) : encoded;

/** Decodes the fields of an event header after the version; `undefined` if a field is not valid. */
function parseFields(fields: readonly string[]): RecordHeader | undefined {
  const [operation, time, sum, encodedType = '', ...contextFields] = fields;
  const timestamp = Number(time);
  const checksum = Number.parseInt(sum ?? '', 16);
  const isValid = isOperation(operation) && Number.isSafeInteger(timestamp) && Number.isInteger(checksum);
  if (!isValid || encodedType === '') return undefined;
  try {
    const header = { operation, objectType: decodeType(encodedType), timestamp, checksum };
    if (contextFields.length > 0) assignContext(header, parseContext(contextFields));
    return header;
  } catch {
    return undefined;
  }
}

/**
 * Number of fields before the event context. An error contains only these fields, because the event context can be
 * confidential.
 */
const FIELDS = 5;

/** Decodes an event header. Returns a description of the fault if the header is not valid. */
export function parseHeader(text: string): RecordHeader | string {
  if (text === '') return `it has no header '${HEADER_NAME}': another program has published it`;
  const [version, ...fields] = text.split(' ');
  if (version !== VERSION)
    return `the version of its header '${HEADER_NAME}' must be ${VERSION}; received '${version}'`;
  const header = parseFields(fields);
  if (header !== undefined) return header;
  return `its header '${HEADER_NAME}' is damaged: '${text.split(' ', FIELDS).join(' ')}'`;
}
