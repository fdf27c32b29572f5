import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { ObjectCache } from './object-cache.ts';
import type { PackedRecord, PayloadTexts } from './packed-record.ts';
import { tryCatch } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { shortcutsOf } from './serializer-shortcuts.ts';

function Plain(
  this: { -readonly [Key in keyof Event]: Event[Key] },
  seqNum: number,
  { operation, objectType }: Pick<Event, 'operation' | 'objectType'>,
  object: unknown,
  timestamp: Date,
): void {
  this.seqNum = seqNum;
  this.operation = operation;
  this.objectType = objectType;
  this.object = object;
  this.timestamp = timestamp;
}
Plain.prototype = Object.prototype;

/**
 * Makes an event, a plain object as a literal would, but with `new`, for the sake of the garbage collector.
 *
 * Where V8 finds that what a literal has made outlives a collection, as a page of events does that waits for a slow
 * handler, it makes all that follows among its old objects at once. There each event is kept, and its object with it, until
 * the next full collection, although it lives for a moment only. It does not look at what `new` makes in that way.
 */
export const PlainEvent = Plain as unknown as new (
  seqNum: number,
  kind: Pick<Event, 'operation' | 'objectType'>,
  object: unknown,
  timestamp: Date,
) => Event;

/** No more records than this are decoded together: who leaves early has paid for no more. */
export const TOGETHER = 64;

const objectTypeOf = ({ objectType }: PackedRecord): string => objectType;

/** The texts of some records, with commas between: those of neighbours in one piece. */
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
 * The objects of some of these records, in order, from this index on: of as many as can be had together, of one at least.
 *
 * @throws DeserializationError with the record's number, if the first of them cannot be decoded.
 */
export type RecordDecoder = (records: readonly PackedRecord[], from: number) => readonly unknown[];

/** Makes what decodes records by means of a serializer. */
export function createRecordDecoder(serializer: Serializer, cache: ObjectCache): RecordDecoder {
  const { decodeList } = shortcutsOf(serializer);

  /** A record whose payload is damaged throws when that is asked for, and says so itself. */
  const decode = (record: PackedRecord): unknown => {
    const { seqNum, objectType, payload } = record;
    const decoded = tryCatch(
      () => serializer.decode(payload, objectType),
      (faults, options) => new DeserializationError(faults, options),
    );
    if (decoded._tag === 'Right') return decoded.right;
    throw new DeserializationError(decoded.left.faults, { seqNum, cause: decoded.left });
  };

  const kept = (records: readonly PackedRecord[], from: number): readonly unknown[] => {
    const objects: unknown[] = [];
    for (let index = from; index < records.length && objects.length < TOGETHER; index++) {
      const object = cache.get((records[index] as PackedRecord).seqNum);
      if (object === undefined) break;
      objects.push(object);
    }
    return objects;
  };

  const isKept = ({ seqNum }: PackedRecord) => cache.get(seqNum) !== undefined;

  /** Up to which record they lie among the same texts, and are not kept. */
  const endOfTexts = (records: readonly PackedRecord[], from: number, texts: PayloadTexts): number => {
    const bound = Math.min(records.length, from + TOGETHER);
    let end = from;
    while (end < bound && records[end]?.texts === texts && !isKept(records[end] as PackedRecord)) end++;
    return end;
  };

  /** Half as many each time that one among them cannot be decoded. */
  const decodeTogether = (records: readonly PackedRecord[], from: number): readonly unknown[] | undefined => {
    if (decodeList === undefined) return undefined;
    const texts = records[from]?.texts;
    if (texts === undefined) return undefined;
    for (let count = endOfTexts(records, from, texts) - from; count > 0; count >>= 1) {
      try {
        const group = records.slice(from, from + count);
        const objects = decodeList(listOf(texts, group), group.map(objectTypeOf));
        if (objects !== undefined) return objects;
      } catch {} // The same is decoded again in parts, down to the one that fails, whose error is told.
    }
    return undefined;
  };

  return (records, from) => {
    const known = kept(records, from);
    if (known.length > 0) return known;
    const objects = decodeTogether(records, from) ?? [decode(records[from] as PackedRecord)];
    return objects.map((object, index) => cache.keep((records[from + index] as PackedRecord).seqNum, object));
  };
}
