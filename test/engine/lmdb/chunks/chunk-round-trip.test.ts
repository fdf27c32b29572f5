import fc from 'fast-check';
import type { StoredRecord } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { type ChunkView, viewChunk, wholeRecord } from '../../../../src/engine/lmdb/chunks/chunk-view.ts';
import { encodeChunk } from '../../../../src/engine/lmdb/chunks/encode-chunk.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { record, records } from './stored-records.ts';

const withHex = ({ payload, ...rest }: StoredRecord) => ({
  ...rest,
  payload: Buffer.from(payload).toString('hex'),
});

const expectRoundTrip = (stored: readonly StoredRecord[]): void => {
  const { seqNum } = stored[0] as StoredRecord;
  const view = viewChunk(encodeChunk(stored), seqNum + stored.length - 1) as ChunkView;
  const read = span(0, view.count - 1).map(
    (index) => wholeRecord(view, index, seqNum + index) as StoredRecord,
  );

  expect(read.map(withHex)).toStrictEqual(stored.map(withHex));
};

describe('a chunk that is encoded and decoded', () => {
  test('a decoded chunk has the payloads of successive records as one text with commas if all payloads are ASCII', () => {
    const ascii = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 20 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(ascii, fc.nat(), fc.nat(), (texts, from, count) => {
        const first = from % texts.length;
        const last = first + (count % (texts.length - first));
        const chunk = encodeChunk(texts.map((text, index) => record(index + 1, text)));

        expect((viewChunk(chunk, texts.length) as ChunkView).texts?.text(first, last)).toBe(
          texts.slice(first, last + 1).join(),
        );
      }),
    );
    expect((viewChunk(encodeChunk([record(1, 'a'), record(2, 'ä')]), 2) as ChunkView).texts).toBeUndefined();
  });

  test('a decoded chunk has the same records as before the encoding, for arbitrary records', () => {
    fc.assert(fc.property(records(40), expectRoundTrip));
  });

  test('a decoded chunk has the same records as before the encoding, for 256 records with several object types', () => {
    expectRoundTrip(span(1, 256).map((n) => record(n, `${n}`, { objectType: `type ${n % 7}` })));
    expectRoundTrip(span(1, 256).map((n) => record(n, '', { objectType: `type ${n}` })));
  });

  test('a decoded chunk has the same records as before the encoding if payloads are empty', () => {
    expectRoundTrip([record(1, '')]);
    expectRoundTrip([record(1, ''), record(2, 'x'), record(3, '')]);
  });

  test('a decoded chunk has the same record as before the encoding if its payload is large', () => {
    expectRoundTrip([record(1, 'x'.repeat(1_000_000))]);
  });

  test('a decoded chunk has the same timestamps as before the encoding if these are as far apart as a chunk permits', () => {
    for (const timestamp of [0, 1, 2 ** 43]) {
      expectRoundTrip([
        record(1, 'a', { timestamp }),
        record(2, 'b', { timestamp: timestamp + 0xffff_ffff }),
      ]);
    }
  });

  test('a decoded chunk has the same object type as before the encoding if the type has the maximum length', () => {
    expectRoundTrip([record(1, 'a', { objectType: 'é'.repeat(32_767) })]);
  });
});
