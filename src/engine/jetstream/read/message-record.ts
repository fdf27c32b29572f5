import { crc32 } from 'node:zlib';
import { DeserializationError } from '../../../errors.ts';
import type { Operation } from '../../../event/event.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { parseHeader, type RecordHeader } from '../append/message-format.ts';

/** A message as the stream holds it. */
export interface StreamMessage {
  /** Its number in the stream. */
  readonly seqNum: number;
  /** The text of its header. */
  readonly header: string;
  /** Its payload. */
  readonly data: Uint8Array;
}

/** The record of a message; its checksum is looked at when the payload is asked for. */
class MessageRecord implements StoredRecord {
  readonly seqNum: number;
  readonly operation: Operation;
  readonly objectType: string;
  readonly timestamp: number;
  readonly #checksum: number;
  readonly #data: Uint8Array;

  constructor(
    seqNum: number,
    { operation, objectType, timestamp, checksum }: RecordHeader,
    data: Uint8Array,
  ) {
    this.seqNum = seqNum;
    this.operation = operation;
    this.objectType = objectType;
    this.timestamp = timestamp;
    this.#checksum = checksum;
    this.#data = data;
  }

  get payload(): Uint8Array {
    if (crc32(this.#data) === this.#checksum) return this.#data;
    const fault = { path: '', message: 'the checksum of its payload does not fit' };
    throw new DeserializationError([fault], { seqNum: this.seqNum });
  }
}

/**
 * The record of a message.
 *
 * @throws DeserializationError if its header is not one of ours, or damaged.
 */
export function toRecord({ seqNum, header, data }: StreamMessage): StoredRecord {
  const parsed = parseHeader(header);
  if (typeof parsed !== 'string') return new MessageRecord(seqNum, parsed, data);
  throw new DeserializationError([{ path: '', message: parsed }], { seqNum });
}
