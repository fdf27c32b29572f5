import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StatusedFileChange } from '../../docs/examples/git-history/git/file-change.ts';
import { nulFields } from '../../docs/examples/git-history/git/nul-fields.ts';
import { parseHistory } from '../../docs/examples/git-history/git/parse-history.ts';
import { chunksOf } from './chunks-of.ts';
import { gathered } from './gathered.ts';

const parse = (text: string, cuts: readonly number[] = []) =>
  gathered(parseHistory(nulFields(chunksOf(Buffer.from(text), cuts))));

const HASH = 'c0ffee'.repeat(7).slice(0, 40);
/** Texts that could be taken for something else: a status, a hash, a commit's end. */
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

test('reads any history, wherever the stream is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(commit), fc.array(fc.nat(2000)), async (commits, cuts) => {
      expect(await parse(commits.map(printed).join(''), cuts)).toStrictEqual(commits.flatMap(expected));
    }),
  );
});

test('a date that no calendar holds becomes 1970', async () => {
  const [first] = await parse(`${HASH}\0a\0${'9'.repeat(20)}\0s\0\nA\0p\0`);
  expect(first?.change.date).toBe('1970-01-01T00:00:00.000Z');
});

test.each([
  ['in the middle of a commit', `${HASH}\0author\0`, 'breaks off'],
  ['in the middle of a rename', `${HASH}\0a\x001\0s\0\nR100\0old\0`, 'breaks off'],
  ['with a status that no diff has', `${HASH}\0a\x001\0s\0\nX\0path\0`, 'was expected'],
  ['with a file before the first commit', 'A\0path\0', 'was expected'],
])('fails on an output that ends %s', async (_case, output, message) => {
  await expect(parse(output)).rejects.toThrow(message);
});
