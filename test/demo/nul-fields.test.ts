import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nulFields } from '../../docs/examples/git-history/git/nul-fields.ts';
import { chunksOf } from './chunks-of.ts';
import { gathered } from './gathered.ts';

const read = (bytes: Buffer, cuts: readonly number[] = []) => gathered(nulFields(chunksOf(bytes, cuts)));

test('reads the same fields wherever the stream is cut into chunks', async () => {
  const field = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
  const anyCuts = fc.array(fc.nat(200));
  await fc.assert(
    fc.asyncProperty(fc.array(field), anyCuts, async (fields, cuts) => {
      expect(await read(Buffer.from(fields.map((text) => `${text}\0`).join('')), cuts)).toEqual(fields);
    }),
  );
});

test('keeps names apart that are no UTF-8, and a byte order mark', async () => {
  expect(await read(Buffer.from('\xff\0\xfe\0', 'latin1'))).toEqual(['ÿ', 'þ']);
  expect(await read(Buffer.from('\ufeffa\0'))).toEqual(['\ufeffa']);
});

test('fails on a stream that breaks off', async () => {
  await expect(read(Buffer.from('whole\0broken'), [7])).rejects.toThrow('breaks off');
});
