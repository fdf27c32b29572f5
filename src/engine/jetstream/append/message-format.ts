import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { OPERATIONS, type Operation } from '../../../event/event.ts';
import type { EventFilter } from '../../../event/event-filter.ts';
import type { NewRecord } from '../../contract/record.ts';

/** A longer token is shortened: the server takes no more than 4096 bytes of subjects and lengths in one line. */
const LONGEST_TOKEN = 256;

/** What `encodeURIComponent` leaves as it is, and a subject does not. */
const SPECIAL = /[.!~*'()]/g;

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** An object type as ASCII without blanks, dots and wildcards; `decodeURIComponent` is the way back. */
export const encodeType = (objectType: string): string =>
  encodeURIComponent(objectType).replace(SPECIAL, escaped);

/** The token of an object type in a subject: itself, or a digest behind a `%` that no escape begins with. */
function typeToken(objectType: string): string {
  const encoded = encodeType(objectType);
  if (encoded.length <= LONGEST_TOKEN) return encoded;
  return `%sha256-${createHash('sha256').update(objectType).digest('hex')}`;
}

/** The subject of the events of one kind. */
export const subjectOf = (prefix: string, objectType: string, operation: Operation): string =>
  `${prefix}.${typeToken(objectType)}.${operation}`;

const onlyOne = <V>(list: readonly V[] | undefined): V | undefined =>
  list?.length === 1 ? list[0] : undefined;

/**
 * The one subject that lets through all that the filter does, and as little else as one subject can: a consumer has no
 * more than one before version 2.10 of the server.
 */
export function subjectFor(prefix: string, filter: EventFilter | undefined): string {
  const objectType = onlyOne(filter?.objectTypes);
  const operation = onlyOne(filter?.operations);
  if (objectType === undefined && operation === undefined) return `${prefix}.>`;
  return `${prefix}.${objectType === undefined ? '*' : typeToken(objectType)}.${operation ?? '*'}`;
}

/** The header of a message that holds what a record is, but for its payload. */
const NAME = 'Rx-Watcher';

/** The format of that header: version, operation, timestamp, CRC-32 of the payload, object type. */
const VERSION = '1';

/** The server stores a message once, whatever comes again under its id. */
const MESSAGE_ID = 'Nats-Msg-Id';

/** The server stores a message only if this is the last number that it has given. */
const EXPECTED_LAST_SEQUENCE = 'Nats-Expected-Last-Sequence';

/** The server stores a message only if this is the id of the last one. */
const EXPECTED_LAST_ID = 'Nats-Expected-Last-Msg-Id';

/** What makes a message one of a chain. */
export interface AppendPrecondition {
  /** Its id. */
  readonly id: string;
  /** The last number, by the server's count, that it is to follow. */
  readonly afterSequence?: number;
  /** The id of the message that it is to follow. */
  readonly afterId?: string;
}

/** What a message's header tells of its record. */
export interface RecordHeader {
  /** What happened to the object. */
  readonly operation: Operation;
  /** What kind of object it is. */
  readonly objectType: string;
  /** When it was appended, in milliseconds since 1970. */
  readonly timestamp: number;
  /** The CRC-32 of the payload. */
  readonly checksum: number;
}

/** The headers of a record's message. */
export function toHeaders(
  draft: NewRecord,
  timestamp: number,
  { id, afterSequence, afterId }: AppendPrecondition,
): MsgHdrs {
  const made = headers();
  const checksum = crc32(draft.payload).toString(16);
  made.set(NAME, `${VERSION} ${draft.operation} ${timestamp} ${checksum} ${encodeType(draft.objectType)}`);
  made.set(MESSAGE_ID, id);
  if (afterSequence !== undefined) made.set(EXPECTED_LAST_SEQUENCE, `${afterSequence}`);
  if (afterId !== undefined) made.set(EXPECTED_LAST_ID, afterId);
  return made;
}

/** What the headers of a message tell of its record, as it was written; empty if there is nothing. */
export const headerText = (given: MsgHdrs | undefined): string => given?.get(NAME) ?? '';

const isOperation = (text: string | undefined): text is Operation =>
  (OPERATIONS as readonly (string | undefined)[]).includes(text);

/** Types that have no escapes are as they are, and most have none. */
function decodeType(encoded: string): string | undefined {
  try {
    return encoded.includes('%') ? decodeURIComponent(encoded) : encoded;
  } catch {
    return undefined;
  }
}

/** What a message is by the text of its header; what is wrong with that, in text, if it cannot be told. */
export function parseHeader(text: string): RecordHeader | string {
  if (text === '') return `it has no header '${NAME}': another program has published it`;
  const [version, operation, time, sum, encoded] = text.split(' ');
  if (version !== VERSION) return `its header '${NAME}' is of version '${version}', known is ${VERSION}`;
  const timestamp = Number(time);
  const checksum = Number.parseInt(sum ?? '', 16);
  const objectType = decodeType(encoded ?? '');
  const isWhole = isOperation(operation) && Number.isSafeInteger(timestamp) && Number.isInteger(checksum);
  if (!isWhole || !objectType) return `its header '${NAME}' is damaged: '${text}'`;
  return { operation, objectType, timestamp, checksum };
}
