import type { NewRecord } from '../../engine/contract/record.ts';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { assignContext } from '../../event/event-context.ts';
import type { ObjectCache } from './object-cache.ts';
import type { PackedRecord, PayloadTexts } from './packed-record.ts';
import { tryCatch } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { shortcutsOf } from './serializer-shortcuts.ts';

/** Fields of an event that its producer sets, without the object. */
type NewRecordHeader = Omit<NewRecord, 'payload'>;

function Plain(
  this: { -readonly [Key in keyof Event]: Event[Key] },
  seqNum: number,
  header: NewRecordHeader,
  object: unknown,
  timestamp: Date,
): void {
  this.seqNum = seqNum;
  this.operation = header.operation;
  this.objectType = header.objectType;
  this.object = object;
  this.timestamp = timestamp;
  assignContext(this, header);
}
Plain.prototype = Object.prototype;

/**
 * Creates an event as a plain object. Uses `new` instead of an object literal because of V8's garbage collector.
 *
 * If objects of a literal survive a minor collection, V8 allocates all later objects of this literal in the old generation
 * (pretenuring). The events of a page that waits for a slow handler do survive. Later events and their objects would then
 * stay in memory until the next full collection. V8 does not pretenure objects that are created with `new`.
 */
export const PlainEvent = Plain as unknown as new (
  seqNum: number,
  header: NewRecordHeader,
  object: unknown,
  timestamp: Date,
) => Event;

/** Maximum number of records decoded together. This limits the wasted work if a consumer unsubscribes early. */
export const MAX_DECODED_TOGETHER = 64;

const objectTypeOf = ({ objectType }: PackedRecord): string => objectType;

/** Returns the texts of records, separated by commas. Texts that are adjacent in the buffer are read together. */
function listOf(texts: PayloadTexts, records: readonly PackedRecord[]): string {
  const pieces: string[] = [];
  let start = 0;
  for (let next = 1; next <= records.length; next++) {
    const [first, last] = [records[start]?.index as number, records[next - 1]?.index as number];
    if (records[next]?.index === last + 1) continue;
    pieces.push(texts.text(first, last));
    start = next;
  }
  return pieces.join();
}

/**
 * Returns objects of the records from an index on, in order: as many as are decoded together, and at least one.
 *
 * @throws {@link DeserializationError} if the record at the index cannot be decoded. The error has the sequence number of
 *   the record.
 */
export type RecordDecoder = (records: readonly PackedRecord[], from: number) => readonly unknown[];

export function createRecordDecoder(serializer: Serializer, cache: ObjectCache): RecordDecoder {
  const { decodeList } = shortcutsOf(serializer);

  const decode = (record: PackedRecord): unknown => {
    // Read the payload outside `tryCatch`, because the getter of a damaged record throws an error that already has the
    // sequence number.
    const { seqNum, objectType, payload } = record;
    const decoded = tryCatch(
      () => serializer.decode(payload, objectType),
      (faults, options) => new DeserializationError(faults, options),
    );
    if (decoded._tag === 'Right') return decoded.right;
    throw new DeserializationError(decoded.left.faults, { seqNum, cause: decoded.left });
  };

  const cachedFrom = (records: readonly PackedRecord[], from: number): readonly unknown[] => {
    const objects: unknown[] = [];
    for (let index = from; index < records.length && objects.length < MAX_DECODED_TOGETHER; index++) {
      const object = cache.get((records[index] as PackedRecord).seqNum);
      if (object === undefined) break;
      objects.push(object);
    }
    return objects;
  };

  const isCached = ({ seqNum }: PackedRecord) => cache.get(seqNum) !== undefined;

  /** Returns the index of the first record from `from` on that is cached or does not belong to `texts`. */
  const endOfTexts = (records: readonly PackedRecord[], from: number, texts: PayloadTexts): number => {
    const bound = Math.min(records.length, from + MAX_DECODED_TOGETHER);
    let end = from;
    while (end < bound && records[end]?.texts === texts && !isCached(records[end] as PackedRecord)) end++;
    return end;
  };

  /**
   * Decodes records together. If one of the records cannot be decoded, tries half as many records, down to one. Returns
   * `undefined` if not even one record can be decoded in this way.
   */
  const decodeTogether = (records: readonly PackedRecord[], from: number): readonly unknown[] | undefined => {
    if (decodeList === undefined) return undefined;
    const texts = records[from]?.texts;
    if (texts === undefined) return undefined;
    for (let count = endOfTexts(records, from, texts) - from; count > 0; count >>= 1) {
      try {
        const group = records.slice(from, from + count);
        const objects = decodeList(listOf(texts, group), group.map(objectTypeOf));
        if (objects !== undefined) return objects;
      } catch {} // The error is not lost: the failing record is later decoded alone, which throws the error again.
    }
    return undefined;
  };

  return (records, from) => {
    const cached = cachedFrom(records, from);
    if (cached.length > 0) return cached;
    const objects = decodeTogether(records, from) ?? [decode(records[from] as PackedRecord)];
    return objects.map((object, index) =>
      cache.putIfShared((records[from + index] as PackedRecord).seqNum, object),
    );
  };
}
