import { DeserializationError } from '../../errors.ts';
import type { Operation } from '../../event/operation.ts';
import type { PayloadTexts, StoredRecord } from '../../store/record.ts';
import type { ChunkView } from './chunk-view.ts';

/**
 * A record of a chunk, whose payload is looked at when it is asked for.
 *
 * A page of a thousand views of bytes costs the garbage collector more than reading them does; this way each lives
 * only as long as its event is being decoded.
 */
export class ChunkRecord implements StoredRecord {
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
