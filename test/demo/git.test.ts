import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nulFields, parseHistory, type StatusedFileChange } from '../../docs/examples/git-history/git.ts';

/** Yields bytes in chunks that end at the given places. Places after the end of the bytes are ignored. */
async function* chunksOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [...new Set([0, ...cuts, bytes.length])].filter((place) => place <= bytes.length);
  places.sort((a, b) => a - b);
  for (const [index, begin] of places.entries()) yield bytes.subarray(begin, places[index + 1]);
}

async function toArray<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

const fieldsOf = (bytes: Buffer, cuts: readonly number[] = []) => toArray(nulFields(chunksOf(bytes, cuts)));
const parse = (text: string, cuts: readonly number[] = []) =>
  toArray(parseHistory(nulFields(chunksOf(Buffer.from(text), cuts))));

test('nulFields returns the same fields for every way to split the stream into chunks', async () => {
  const field = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
  const anyCuts = fc.array(fc.nat(200));
  await fc.assert(
    fc.asyncProperty(fc.array(field), anyCuts, async (fields, cuts) => {
      expect(await fieldsOf(Buffer.from(fields.map((text) => `${text}\0`).join('')), cuts)).toEqual(fields);
    }),
  );
});

test('nulFields returns different names for bytes that are not UTF-8, and keeps a byte order mark', async () => {
  expect(await fieldsOf(Buffer.from('\xff\0\xfe\0', 'latin1'))).toEqual(['ÿ', 'þ']);
  expect(await fieldsOf(Buffer.from('\ufeffa\0'))).toEqual(['\ufeffa']);
});

test('nulFields rejects a stream that ends in the middle of a field', async () => {
  await expect(fieldsOf(Buffer.from('whole\0broken'), [7])).rejects.toThrow('in the middle of a field');
});

const HASH = 'c0ffee'.repeat(7).slice(0, 40);
/** Texts that resemble a status, a hash or the end of a commit. */
const text = fc.oneof(
  fc.constantFrom('M', 'R100', '\nA', HASH, '\n', ''),
  fc.string({ unit: 'grapheme' }).map((any) => any.replaceAll('\0', '')),
);
const path = text.filter((any) => any !== '');
const change = fc.oneof(
  fc.record({ status: fc.constantFrom('A', 'M', 'D', 'T'), path }),
  fc.record({ status: fc.constant('R'), path, oldPath: path }),
);
const commit = fc.record({
  hash: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
  author: text,
  seconds: fc.nat(4e9),
  subject: text,
  changes: fc.array(change, { maxLength: 4 }),
});
type Change = { status: string; path: string; oldPath?: string };
type Commit = { hash: string; author: string; seconds: number; subject: string; changes: Change[] };

const printed = ({ hash, author, seconds, subject, changes }: Commit) => {
  const files = changes.map(({ status, path, oldPath }) =>
    oldPath === undefined ? `${status}\0${path}\0` : `${status}087\0${oldPath}\0${path}\0`,
  );
  return `${[hash, author, seconds, subject].join('\0')}\0${files.length > 0 ? '\n' : ''}${files.join('')}`;
};

const expected = ({ hash, author, seconds, subject, changes }: Commit) =>
  changes.map(({ status, ...paths }) => ({
    status,
    change: { ...paths, commit: hash, author, date: new Date(seconds * 1000).toISOString(), subject },
  })) as StatusedFileChange[];

test('parseHistory returns the same commits for every way to split the output of git into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(commit), fc.array(fc.nat(2000)), async (commits, cuts) => {
      expect(await parse(commits.map(printed).join(''), cuts)).toStrictEqual(commits.flatMap(expected));
    }),
  );
});

test('parseHistory replaces a date outside the calendar by a date in 1970', async () => {
  const [first] = await parse(`${HASH}\0a\0${'9'.repeat(20)}\0s\0\nA\0p\0`);
  expect(first?.change.date).toBe('1970-01-01T00:00:00.000Z');
});

test.each([
  ['ends in the middle of a commit', `${HASH}\0author\0`, 'ends in the middle of a commit'],
  ['ends in the middle of a rename', `${HASH}\0a\x001\0s\0\nR100\0old\0`, 'ends in the middle of a commit'],
  [
    'has an unknown status',
    `${HASH}\0a\x001\0s\0\nX\0path\0`,
    'must contain a commit or a file here; received "\\nX"',
  ],
  ['has a file before the first commit', 'A\0path\0', 'must contain a commit or a file here; received "A"'],
])('parseHistory rejects an output that %s', async (_case, output, message) => {
  await expect(parse(output)).rejects.toThrow(message);
});
