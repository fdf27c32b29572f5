import fc from 'fast-check';
import type { StoredRecord } from 'rx-watcher';
import { encodeChunk } from '../../../../src/engine/lmdb/chunks/encode-chunk.ts';
import { OPERATIONS } from '../../../../src/event/event.ts';

/** Creates a record with a text as payload. */
export const record = (seqNum: number, text: string, rest: Partial<StoredRecord> = {}): StoredRecord => ({
  seqNum,
  operation: 'CREATE',
  objectType: 'Job',
  timestamp: 1_700_000_000_000,
  payload: Buffer.from(text),
  ...rest,
});

/** Object types: a few fixed ones, so that they recur, and arbitrary ones. */
const objectType = fc.oneof(
  fc.constantFrom('Job', 'Execution', 'Ünïcode', '監視者', '😀', '\u0000'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
);

const text = (minLength: number) => fc.string({ unit: 'binary', minLength, maxLength: 60 });

/** Keys, ids and metadata: all, some or none of them. */
const contexts = fc.record(
  {
    key: fc.oneof(fc.constantFrom('order-17', 'order-18', 'Zürich', '\u0000'), text(1)),
    id: text(1),
    metadata: fc.dictionary(
      fc.oneof(fc.constantFrom('__proto__', 'constructor', '7', '😀'), text(1)),
      text(0),
      {
        noNullPrototype: true,
        maxKeys: 4,
      },
    ),
  },
  { requiredKeys: [] },
);

const part = fc
  .record({
    operation: fc.constantFrom(...OPERATIONS),
    objectType,
    payload: fc.uint8Array({ maxLength: 80 }),
    later: fc.nat(100_000),
    context: fc.oneof(fc.constant({}), contexts),
  })
  .map(({ context, ...rest }) => ({ ...rest, ...context }));

/** Contiguous records with timestamps that do not decrease. */
export const records = (maxLength: number): fc.Arbitrary<readonly StoredRecord[]> =>
  fc
    .tuple(fc.nat(2 ** 40), fc.nat(2 ** 42), fc.array(part, { minLength: 1, maxLength, size: 'max' }))
    .map(([seqNum, time, parts]) => {
      let timestamp = time;
      return parts.map(({ later, ...rest }, index) => {
        timestamp += later;
        return { ...rest, seqNum: seqNum + index, timestamp };
      });
    });

/** Encodes a chunk, and returns it with the length of its head, in bytes. */
export function chunkAndHead(of: readonly StoredRecord[]): { chunk: Buffer; headLength: number } {
  const chunk = encodeChunk(of);
  return { chunk, headLength: chunk.length - of.reduce((sum, { payload }) => sum + payload.length + 1, 0) };
}
