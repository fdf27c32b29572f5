import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import type { StoredRecord } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import type { ChunkView } from '../../../../src/engine/lmdb/chunks/chunk-view.ts';
import { viewChunk } from '../../../../src/engine/lmdb/chunks/chunk-view.ts';
import { encodeChunk } from '../../../../src/engine/lmdb/chunks/encode-chunk.ts';
import { contextBytes } from '../../../../src/engine/lmdb/chunks/encode-context.ts';
import { chunkAndHead, record, records } from './stored-records.ts';

const viewOf = (stored: readonly StoredRecord[]) =>
  viewChunk(encodeChunk(stored), stored.at(-1)?.seqNum as number) as ChunkView;

const withoutContext = ({ key: _, id: _2, metadata: _3, ...rest }: StoredRecord): StoredRecord => rest;

/** Returns the object type list, the rows and the context section of a chunk. */
const tailOfHead = (stored: readonly StoredRecord[]) => {
  const { chunk, headLength } = chunkAndHead(stored);
  return chunk.subarray(25, headLength);
};

describe('the context section of an LMDB chunk', () => {
  test('the context section of an LMDB chunk has the bytes that the documentation of the file format shows', () => {
    const stored = [
      record(7, '', { key: 'a1', id: 'e1', metadata: { u: 'x' } }),
      record(8, ''),
      record(9, '', { key: 'b' }),
    ];
    const expected = [
      '0180', // one object type, and a context section
      '03004a6f62', // 'Job'
      '00'.repeat(15), // row of event 7, with an empty payload
    ];
    const bytes = tailOfHead(stored).toString('hex');
    const section = [
      '0280', // two rows; an event has an id
      '0000', // event 7 has index 0 …
      '2348e16c', // CRC-32 of 'a1'
      '16000000', // … and its fields end at byte 22
      '0200', // event 9 has index 2
      'f9efbe71', // CRC-32 of 'b'
      '1a000000', // its fields end at byte 26
      '07', // key, id and metadata
      '02006131', // 'a1'
      '02006531', // 'e1'
      '090000007b2275223a2278227d', // '{"u":"x"}'
      '01', // only a key
      '010062', // 'b'
    ].join('');

    expect(bytes.startsWith(expected.join(''))).toBe(true);
    expect(bytes.slice(2 * (2 + 5 + 3 * 15))).toBe(section);
  });

  test('the context section of an LMDB chunk is absent if no record has a context, and adds no bytes for records without a context', () => {
    const mixed = records(30).filter((stored) => stored.some((one) => contextBytes(one) > 0));
    fc.assert(
      fc.property(mixed, (stored) => {
        const plain = encodeChunk(stored.map(withoutContext));
        const withContexts = stored.filter((one) => contextBytes(one) > 0);
        const size = withContexts.reduce((sum, one) => sum + 10 + contextBytes(one), 2);

        expect(encodeChunk(stored).length).toBe(plain.length + size);
        expect(viewOf(stored.map(withoutContext)).contexts).toBeUndefined();
        expect(plain.readUInt16LE(25)).toBeLessThan(0x8000);
      }),
    );
  });

  test('the context section of an LMDB chunk contains the CRC-32 of each key, and 0 for a record without a key', () => {
    const stored = [record(1, ''), record(2, '', { key: 'é' }), record(3, '', { id: 'e3' }), record(4, '')];
    const { contexts } = viewOf(stored);

    expect([0, 1, 2, 3].map((index) => contexts?.keyHash(index))).toEqual([0, crc32('é'), 0, 0]);
  });

  test('the context section of an LMDB chunk contains a flag that is set if any record of the chunk has an id', () => {
    expect(viewOf([record(1, '', { key: 'k' }), record(2, '')]).contexts?.hasIds).toBe(false);
    expect(viewOf([record(1, '', { key: 'k' }), record(2, '', { id: 'e2' })]).contexts?.hasIds).toBe(true);
  });

  test('the context section of an LMDB chunk is decoded to frozen metadata, even with names such as __proto__', () => {
    const metadata = JSON.parse('{ "__proto__": "a", "constructor": "b", "2": "c", "1": "d" }');
    const read = viewOf([record(1, '', { metadata })]).contexts?.metadata(0);

    expect(Object.entries(read ?? {})).toEqual(Object.entries(metadata));
    expect(Object.isFrozen(read)).toBe(true);
  });

  test('the context section of an LMDB chunk can contain keys, ids and metadata of the maximum size', () => {
    const large = { key: 'é'.repeat(512), id: '監'.repeat(85), metadata: { a: 'x'.repeat(32 * 1024) } };
    const { contexts } = viewOf([record(1, '', large), record(2, ''), record(3, '', large)]);

    for (const index of [0, 2]) {
      expect(contexts?.key(index)).toBe(large.key);
      expect(contexts?.id(index)).toBe(large.id);
      expect(contexts?.metadata(index)).toEqual(large.metadata);
    }
    expect(contexts?.key(1)).toBeUndefined();
  });
});
