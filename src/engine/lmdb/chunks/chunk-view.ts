import { isAscii } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { DeserializationError } from '../../../errors.ts';
import { OPERATIONS, type Operation } from '../../../event/event.ts';
import { assignContext, type EventContext } from '../../../event/event-context.ts';
import type { PackedRecord, PayloadTexts } from '../../../store/serialization/packed-record.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { CONTEXT_BIT, headChecksum, LAYOUT } from './chunk-format.ts';
import { ContextSection } from './context-section.ts';

/** Reads the object types, and returns them with the end of their list. */
function readTypes(chunk: Buffer, count: number): { types: readonly string[]; end: number } {
  const types: string[] = [];
  let at: number = LAYOUT.typesAt;
  for (let left = count; left > 0; left--) {
    const length = chunk.readUInt16LE(at);
    types.push(chunk.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { types, end: at };
}

/** Returns the reason why the head of a chunk is not valid; `undefined` if the head is valid. */
function headFault(chunk: Buffer, lastSeqNum: number): string | undefined {
  if (chunk.length < LAYOUT.typesAt) return `the chunk is truncated at ${chunk.length} bytes`;
  const version = chunk.readUInt8(0);
  if (version !== LAYOUT.version) {
    return `the chunk has version ${version}; this library reads version ${LAYOUT.version}`;
  }
  const headLength = chunk.readUInt32LE(LAYOUT.headLengthAt);
  if (headLength < LAYOUT.typesAt) return `the length of its head is not valid: ${headLength} bytes`;
  if (headLength > chunk.length) return `the chunk is truncated at ${chunk.length} bytes`;
  const isWhole = headChecksum(chunk, headLength, lastSeqNum) === chunk.readUInt32LE(LAYOUT.crcAt);
  return isWhole ? undefined : 'the checksum of its head does not match the head and its sequence number';
}

/**
 * A chunk with a valid head. Its records have indexes from 0. The checksum of the head covers all fields of a record except
 * its payload, so these fields can be read even if the payload is damaged.
 */
export class ChunkView implements PayloadTexts {
  /** Number of records. */
  readonly count: number;
  readonly types: readonly string[];
  /** Keys, ids and metadata of the records; `undefined` if no record has any. */
  readonly contexts: ContextSection | undefined;
  readonly #chunk: Buffer;
  readonly #headLength: number;
  readonly #entriesAt: number;
  readonly #baseTime: number;
  #isEachWhole: boolean | undefined;
  #isText: boolean | undefined;

  constructor(chunk: Buffer) {
    this.#chunk = chunk;
    this.#headLength = chunk.readUInt32LE(LAYOUT.headLengthAt);
    this.count = chunk.readUInt32LE(LAYOUT.countAt);
    this.#baseTime = chunk.readDoubleLE(LAYOUT.baseTimeAt);
    const typeCount = chunk.readUInt16LE(LAYOUT.typeCountAt);
    const { types, end } = readTypes(chunk, typeCount & ~CONTEXT_BIT);
    this.types = types;
    this.#entriesAt = end;
    this.contexts =
      (typeCount & CONTEXT_BIT) === 0
        ? undefined
        : new ContextSection(chunk, this.#entry(this.count), this.count);
  }

  #entry(index: number): number {
    return this.#entriesAt + index * LAYOUT.entryBytes;
  }

  #hasWholePayloads(): boolean {
    this.#isEachWhole ??=
      crc32(this.#chunk.subarray(this.#headLength)) === this.#chunk.readUInt32LE(LAYOUT.payloadCrcAt);
    return this.#isEachWhole;
  }

  operation(index: number): Operation {
    return OPERATIONS[this.#chunk.readUInt8(this.#entry(index))] as Operation;
  }

  objectType(index: number): string {
    return this.types[this.#chunk.readUInt16LE(this.#entry(index) + 1)] as string;
  }

  /** Returns the timestamp of a record, in milliseconds since 1970. */
  timestamp(index: number): number {
    return this.#baseTime + this.#chunk.readUInt32LE(this.#entry(index) + 3);
  }

  /** Returns the start of a payload, in bytes after the head. A comma separates it from the previous payload. */
  begin(index: number): number {
    return index === 0 ? 0 : this.end(index - 1) + 1;
  }

  /** Returns the end of a payload, in bytes after the head. */
  end(index: number): number {
    return this.#chunk.readUInt32LE(this.#entry(index) + 7);
  }

  /** Returns the payload of a record as a view of the chunk; `undefined` if it is truncated or damaged. */
  payload(index: number): Buffer | undefined {
    const end = this.#headLength + this.end(index);
    const payload = this.#chunk.subarray(this.#headLength + this.begin(index), end);
    if (this.#hasWholePayloads()) return payload;
    const isWhole =
      end <= this.#chunk.length && crc32(payload) === this.#chunk.readUInt32LE(this.#entry(index) + 11);
    return isWhole ? payload : undefined;
  }

  /** The payloads as text, if all of them are undamaged and ASCII; otherwise `undefined`. */
  get texts(): PayloadTexts | undefined {
    this.#isText ??= this.#hasWholePayloads() && isAscii(this.#chunk.subarray(this.#headLength));
    return this.#isText ? this : undefined;
  }

  /**
   * Returns the payloads of successive records, separated by commas. Valid only if `texts` is set.
   *
   * The text is decoded at each call and not stored. A stored text would live as long as the cached chunk, so the garbage
   * collector of V8 would have to move the text.
   */
  text(first: number, last: number): string {
    const [begin, end] = [this.begin(first), this.end(last)];
    return this.#chunk.toString('latin1', this.#headLength + begin, this.#headLength + end);
  }
}

/**
 * Creates a view of a chunk.
 *
 * @param lastSeqNum - Key of the chunk: the sequence number of its last record.
 * @returns The view, or the reason why the chunk is not valid, for example because it belongs to another key.
 */
export const viewChunk = (chunk: Buffer, lastSeqNum: number): ChunkView | string =>
  headFault(chunk, lastSeqNum) ?? new ChunkView(chunk);

/**
 * A record of a chunk. Its payload and context are read at each access, and the payload is checked at that time.
 *
 * The record does not store the view of its payload bytes: a page with a thousand views would cost the garbage collector of
 * V8 more time than reading the bytes. Each view therefore lives only while its event is decoded.
 */
export class ChunkRecord implements PackedRecord {
  readonly seqNum: number;
  readonly operation: Operation;
  readonly objectType: string;
  readonly timestamp: number;
  /** Size of the payload, in bytes. */
  readonly bytes: number;
  readonly index: number;
  readonly #view: ChunkView;

  constructor(view: ChunkView, index: number, seqNum: number) {
    this.seqNum = seqNum;
    this.operation = view.operation(index);
    this.objectType = view.objectType(index);
    this.timestamp = view.timestamp(index);
    this.bytes = view.end(index) - view.begin(index);
    this.index = index;
    this.#view = view;
  }

  get key(): string | undefined {
    return this.#view.contexts?.key(this.index);
  }

  get id(): string | undefined {
    return this.#view.contexts?.id(this.index);
  }

  get metadata(): EventContext['metadata'] {
    return this.#view.contexts?.metadata(this.index);
  }

  get texts(): PayloadTexts | undefined {
    return this.#view.texts;
  }

  get payload(): Uint8Array {
    const payload = this.#view.payload(this.index);
    if (payload !== undefined) return payload;
    const fault = { path: '', message: 'the checksum of its payload does not match' };
    throw new DeserializationError([fault], { seqNum: this.seqNum });
  }
}

/** Returns a record of a chunk as a plain object with its payload; `undefined` if the payload is damaged. */
export function wholeRecord(view: ChunkView, index: number, seqNum: number): StoredRecord | undefined {
  const payload = view.payload(index);
  if (payload === undefined) return undefined;
  const record = new ChunkRecord(view, index, seqNum);
  const { operation, objectType, timestamp } = record;
  const whole = { seqNum, operation, objectType, timestamp, payload };
  assignContext(whole, record);
  return whole;
}
