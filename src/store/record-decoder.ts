import { DeserializationError } from '../errors.ts';
import { answerOf } from './answer-of.ts';
import type { ObjectCache } from './object-cache.ts';
import type { StoredRecord } from './record.ts';
import type { Serializer } from './serializer.ts';
import { shortcutsOf } from './shortcuts.ts';

/** No more records than this are decoded together: who leaves early has paid for no more. */
export const TOGETHER = 64;

/** Nor any more once they have this many characters: nothing else runs meanwhile. */
const CHARACTERS = 64 * 1024;

/**
 * The objects of some of these records, in order, from this index on: of as many as can be had together, of one at least.
 *
 * @throws DeserializationError with the record's number, if the first of them cannot be decoded.
 */
export type RecordDecoder = (records: readonly StoredRecord[], from: number) => readonly unknown[];

/** Makes what decodes records by means of a serializer. */
export function createRecordDecoder(serializer: Serializer, cache: ObjectCache): RecordDecoder {
  const { decodeTexts } = shortcutsOf(serializer);

  /** A record whose payload is damaged throws when that is asked for, and says so itself. */
  const decode = (record: StoredRecord): unknown => {
    const { seqNum, objectType, payload } = record;
    const decoded = answerOf(
      () => serializer.decode(payload, objectType),
      (faults, options) => new DeserializationError(faults, options),
    );
    if (decoded._tag === 'Right') return decoded.right;
    throw new DeserializationError(decoded.left.faults, { seqNum, cause: decoded.left });
  };

  const kept = (records: readonly StoredRecord[], from: number): readonly unknown[] => {
    const objects: unknown[] = [];
    for (let index = from; index < records.length && objects.length < TOGETHER; index++) {
      const object = cache.get((records[index] as StoredRecord).seqNum);
      if (object === undefined) break;
      objects.push(object);
    }
    return objects;
  };

  const isKept = ({ seqNum }: StoredRecord) => cache.get(seqNum) !== undefined;

  /** The next records that are at hand as text, and not kept. */
  const textsOf = (records: readonly StoredRecord[], from: number) => {
    const texts: string[] = [];
    const objectTypes: string[] = [];
    let characters = 0;
    for (let index = from; index < records.length; index++) {
      const record = records[index] as StoredRecord;
      const { text, objectType } = record;
      if (text === undefined || texts.length === TOGETHER || characters >= CHARACTERS || isKept(record))
        break;
      texts.push(text);
      objectTypes.push(objectType);
      characters += text.length;
    }
    return { texts, objectTypes };
  };

  /** Half as many each time that one among them cannot be decoded. */
  const decodeTogether = (records: readonly StoredRecord[], from: number): readonly unknown[] | undefined => {
    if (decodeTexts === undefined) return undefined;
    const { texts, objectTypes } = textsOf(records, from);
    for (let count = texts.length; count > 0; count >>= 1) {
      try {
        const objects = decodeTexts(texts.slice(0, count), objectTypes.slice(0, count));
        if (objects !== undefined) return objects;
      } catch {} // The same is decoded again in parts, down to the one that fails, whose error is told.
    }
    return undefined;
  };

  return (records, from) => {
    const known = kept(records, from);
    if (known.length > 0) return known;
    const objects = decodeTogether(records, from) ?? [decode(records[from] as StoredRecord)];
    return objects.map((object, index) => cache.keep((records[from + index] as StoredRecord).seqNum, object));
  };
}
