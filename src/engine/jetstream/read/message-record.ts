import { crc32 } from 'node:zlib';
import { DeserializationError } from '../../../errors.ts';
import type { Operation } from '../../../event/event.ts';
import { assignContext } from '../../../event/event-context.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { parseHeader, type RecordHeader } from '../append/message-format.ts';

export interface StreamMessage {
  /** Sequence number in the stream. */
  readonly seqNum: number;
  /** Encoded event header; an empty string if the message has none. */
  readonly header: string;
  readonly data: Uint8Array;
}

/** Record of a message. The checksum is verified at each read of the payload. */
class MessageRecord implements StoredRecord {
  readonly seqNum: number;
  readonly operation: Operation;
  readonly objectType: string;
  readonly timestamp: number;
  readonly #checksum: number;
  readonly #data: Uint8Array;

  constructor(seqNum: number, header: RecordHeader, data: Uint8Array) {
    this.seqNum = seqNum;
    this.operation = header.operation;
    this.objectType = header.objectType;
    this.timestamp = header.timestamp;
    this.#checksum = header.checksum;
    this.#data = data;
    assignContext(this, header);
  }

  get payload(): Uint8Array {
    if (crc32(this.#data) === this.#checksum) return this.#data;
    const fault = { path: '', message: 'the checksum of its payload does not match' };
    throw new DeserializationError([fault], { seqNum: this.seqNum });
  }
}

/**
 * Creates the record of a message.
 *
 * @throws {@link DeserializationError} if the event header is missing or damaged, or has an unknown version.
 */
export function toRecord({ seqNum, header, data }: StreamMessage): StoredRecord {
  const parsed = parseHeader(header);
  if (typeof parsed !== 'string') return new MessageRecord(seqNum, parsed, data);
  throw new DeserializationError([{ path: '', message: parsed }], { seqNum });
}
