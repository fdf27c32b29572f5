import { isAscii } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { DeserializationError } from '../../../errors.ts';
import { OPERATIONS, type Operation } from '../../../event/event.ts';
import type { PackedRecord, PayloadTexts } from '../../../store/serialization/packed-record.ts';
import { headChecksum, LAYOUT } from './chunk-format.ts';

function readTypes(chunk: Buffer): readonly string[] {
  const types: string[] = [];
  let at: number = LAYOUT.typesAt;
  for (let left = chunk.readUInt16LE(LAYOUT.typeCountAt); left > 0; left--) {
    const length = chunk.readUInt16LE(at);
    types.push(chunk.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return types;
}

/** What is wrong with the head of a chunk; `undefined` if nothing is. */
function headFault(chunk: Buffer, lastSeqNum: number): string | undefined {
  if (chunk.length < LAYOUT.typesAt) return `the record is cut short at ${chunk.length} bytes`;
  const version = chunk.readUInt8(0);
  if (version !== LAYOUT.version) {
    return `the record is of version ${version}; this library reads version ${LAYOUT.version}`;
  }
  const headLength = chunk.readUInt32LE(LAYOUT.headLengthAt);
  if (headLength < LAYOUT.typesAt) return 'the length of its header makes no sense';
  if (headLength > chunk.length) return `the record is cut short at ${chunk.length} bytes`;
  const isWhole = headChecksum(chunk, headLength, lastSeqNum) === chunk.readUInt32LE(LAYOUT.crcAt);
  return isWhole ? undefined : 'the checksum of its header does not fit the header and its number';
}

/** A chunk whose head was found whole; records are told by their index, from 0. */
export class ChunkView implements PayloadTexts {
  /** How many records it has. */
  readonly count: number;
  /** The object types that occur in it. */
  readonly types: readonly string[];
  readonly #chunk: Buffer;
  readonly #headLength: number;
  readonly #entriesAt: number;
  readonly #baseTime: number;
  #isWhole: boolean | undefined;
  #isText: boolean | undefined;

  constructor(chunk: Buffer) {
    this.#chunk = chunk;
    this.#headLength = chunk.readUInt32LE(LAYOUT.headLengthAt);
    this.count = chunk.readUInt32LE(LAYOUT.countAt);
    this.#baseTime = chunk.readDoubleLE(LAYOUT.baseTimeAt);
    this.#entriesAt = this.#headLength - this.count * LAYOUT.entryBytes;
    this.types = readTypes(chunk);
  }

  #entry(index: number): number {
    return this.#entriesAt + index * LAYOUT.entryBytes;
  }

  /** Whether all payloads are what was written. */
  #isEachWhole(): boolean {
    this.#isWhole ??=
      crc32(this.#chunk.subarray(this.#headLength)) === this.#chunk.readUInt32LE(LAYOUT.payloadCrcAt);
    return this.#isWhole;
  }

  /** A record's operation. */
  operation(index: number): Operation {
    return OPERATIONS[this.#chunk.readUInt8(this.#entry(index))] as Operation;
  }

  /** A record's object type. */
  objectType(index: number): string {
    return this.types[this.#chunk.readUInt16LE(this.#entry(index) + 1)] as string;
  }

  /** A record's time, in milliseconds since 1970. */
  timestamp(index: number): number {
    return this.#baseTime + this.#chunk.readUInt32LE(this.#entry(index) + 3);
  }

  /** Where a record's payload begins, from the end of the head: behind the comma of the one before. */
  begin(index: number): number {
    return index === 0 ? 0 : this.end(index - 1) + 1;
  }

  /** Where a record's payload ends, from the end of the head. */
  end(index: number): number {
    return this.#chunk.readUInt32LE(this.#entry(index) + 7);
  }

  /** A record's payload, a view of the chunk's bytes; `undefined` if it is cut short or not what was written. */
  payload(index: number): Buffer | undefined {
    const end = this.#headLength + this.end(index);
    const payload = this.#chunk.subarray(this.#headLength + this.begin(index), end);
    if (this.#isEachWhole()) return payload;
    const isWhole =
      end <= this.#chunk.length && crc32(payload) === this.#chunk.readUInt32LE(this.#entry(index) + 11);
    return isWhole ? payload : undefined;
  }

  /** The payloads as text, if all of them are whole, and ASCII. */
  get texts(): PayloadTexts | undefined {
    this.#isText ??= this.#isEachWhole() && isAscii(this.#chunk.subarray(this.#headLength));
    return this.#isText ? this : undefined;
  }

  /**
   * Those of neighbours, with commas between; to be asked of `texts`.
   *
   * Made from the bytes each time: the text of a whole chunk would live for as long as the chunk is kept, and the collector
   * would have to move it with all that lives long.
   */
  text(first: number, last: number): string {
    const [begin, end] = [this.begin(first), this.end(last)];
    return this.#chunk.toString('latin1', this.#headLength + begin, this.#headLength + end);
  }
}

/**
 * Opens a chunk.
 *
 * @param lastSeqNum - Number of its last record, which is its key.
 * @returns The chunk, or what is wrong with it, for example that it belongs under another key.
 */
export const viewChunk = (chunk: Buffer, lastSeqNum: number): ChunkView | string =>
  headFault(chunk, lastSeqNum) ?? new ChunkView(chunk);

/**
 * A record of a chunk, whose payload is looked at when it is asked for.
 *
 * A page of a thousand views of bytes costs the garbage collector more than reading them does; this way each lives
 * only as long as its event is being decoded.
 */
export class ChunkRecord implements PackedRecord {
  readonly seqNum: number;
  readonly operation: Operation;
  readonly objectType: string;
  readonly timestamp: number;
  /** How many bytes its payload has. */
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

  get texts(): PayloadTexts | undefined {
    return this.#view.texts;
  }

  get payload(): Uint8Array {
    const payload = this.#view.payload(this.index);
    if (payload !== undefined) return payload;
    const fault = { path: '', message: 'the checksum of its payload does not fit' };
    throw new DeserializationError([fault], { seqNum: this.seqNum });
  }
}
