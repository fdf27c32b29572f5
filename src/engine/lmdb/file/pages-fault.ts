import { readSync } from 'node:fs';
import { KIND, LARGE_VALUE, NO_ROOT, NODE, PAGE, readWord, TREE } from './lmdb-file-format.ts';
import type { NewestMeta, Tree } from './meta-pages.ts';

/** Open data file of LMDB. */
interface PageFile {
  readonly fd: number;
  readonly pageSize: number;
  /** Number of whole pages that the file has. */
  readonly pages: number;
}

/** Consecutive pages that something in the file refers to. */
interface Reference {
  readonly first: number;
  readonly count: number;
  /** Whether it is a page of a tree, which refers to others. */
  readonly isNode: boolean;
}

/** Node of a leaf of the tree of free pages: where the list of page numbers begins in the file, and its length. */
interface FreeList {
  readonly at: number;
  readonly bytes: number;
}

const damaged = (page: number): string => `its page ${page} is damaged; restore it from a backup`;
const missing = (page: number): string =>
  `it is cut short: page ${page} is missing; restore it from a backup`;

const treePage = (first: number): Reference => ({ first, count: 1, isNode: true });
const tree = (root: number): readonly Reference[] => (root === NO_ROOT ? [] : [treePage(root)]);

function* nodes(page: Buffer): Generator<number> {
  const listEnd = PAGE.headBytes + page.readUInt16LE(PAGE.listLengthAt);
  for (let at: number = PAGE.headBytes; at < listEnd; at += 2) yield PAGE.headBytes + page.readUInt16LE(at);
}

const dataAt = (page: Buffer, node: number): number =>
  node + NODE.keyAt + page.readUInt16LE(node + NODE.keyLengthAt);

function leafReferences(page: Buffer, node: number): readonly Reference[] {
  const flags = page.readUInt16LE(node + NODE.flagsAt);
  const data = dataAt(page, node);
  if (flags & NODE.hasTree) return tree(readWord(page, data + TREE.rootAt));
  if ((flags & NODE.hasLargeValue) === 0) return [];
  const first = readWord(page, data + LARGE_VALUE.pageAt);
  return [{ first, count: readWord(page, data + LARGE_VALUE.pagesAt), isNode: false }];
}

function* references(page: Buffer): Generator<Reference> {
  const kind = page.readUInt16LE(PAGE.flagsAt);
  if (kind & KIND.plainValues) return;
  for (const node of nodes(page)) {
    if (kind & KIND.branch) yield treePage(page.readUIntLE(node, 6));
    else yield* leafReferences(page, node);
  }
}

function readPage({ fd, pageSize }: PageFile, number: number): Buffer {
  const page = Buffer.alloc(pageSize);
  readSync(fd, page, 0, pageSize, number * pageSize);
  return page;
}

/** Whether a page of a tree is at its place: a page that was cut off and written again is full of zeros. */
const isNodePage = (page: Buffer, number: number): boolean =>
  readWord(page, PAGE.numberAt) === number &&
  (page.readUInt16LE(PAGE.flagsAt) & (KIND.branch | KIND.leaf)) !== 0;

/** Follows trees to every page that they refer to; calls `onLeaf` for each leaf. */
function walk(file: PageFile, roots: readonly number[], onLeaf?: (page: Buffer, number: number) => void) {
  const pending = roots.flatMap(tree);
  // Each page is referred to once: more visits than there are pages would be a circle.
  let visits = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { first, count, isNode } = next;
    const last = first + count - 1;
    if (last >= file.pages) return missing(last);
    if (!isNode) continue;
    const page = readPage(file, first);
    if (!isNodePage(page, first) || ++visits > file.pages) return damaged(first);
    if (page.readUInt16LE(PAGE.flagsAt) & KIND.leaf) onLeaf?.(page, first);
    pending.push(...references(page));
  }
  return undefined;
}

function* freeLists({ pageSize }: PageFile, page: Buffer, number: number): Generator<FreeList> {
  for (const node of nodes(page)) {
    const data = dataAt(page, node);
    const isLarge = (page.readUInt16LE(node + NODE.flagsAt) & NODE.hasLargeValue) !== 0;
    const at = isLarge
      ? readWord(page, data + LARGE_VALUE.pageAt) * pageSize + PAGE.headBytes
      : number * pageSize + data;
    yield { at, bytes: page.readUInt32LE(node + NODE.dataLengthAt) };
  }
}

/** Number of pages that a list frees: a negative entry is the length of a block, and the next one its first page. */
function countFree({ fd, pages, pageSize }: PageFile, { at, bytes }: FreeList): number {
  if (bytes > pages * pageSize) throw new RangeError('a list of free pages is longer than the file');
  const list = Buffer.alloc(bytes);
  readSync(fd, list, 0, bytes, at);
  let count = 0;
  const end = (readWord(list, 0) + 1) * 8;
  for (let i = 8; i < end; i += 8) {
    const entry = Number(list.readBigInt64LE(i));
    if (entry < 0) i += 8;
    count += entry < 0 ? -entry : Math.min(entry, 1);
  }
  return count;
}

function shortFileFault(file: PageFile, meta: NewestMeta): string | undefined {
  let free = 0;
  const countLeaf = (page: Buffer, number: number): void => {
    for (const list of freeLists(file, page, number)) free += countFree(file, list);
  };
  const fault = walk(file, [meta.free.root], countLeaf) ?? walk(file, [meta.main.root]);
  // Pages at the end are missing in a file that is well only if they have been free since they were planned.
  return fault ?? (meta.pages - file.pages > free ? missing(meta.pages - 1) : undefined);
}

/** Whether a root page belongs to the valid meta page: each transaction writes both roots, and a copy keeps them. */
const isOfTransaction = (page: Buffer, { transaction, previous }: NewestMeta): boolean => {
  const writtenBy = readWord(page, PAGE.transactionAt);
  return previous === 0 ? writtenBy <= transaction : writtenBy === transaction;
};

/** What is wrong with the root page of a tree, which LMDB reads at opening. */
function rootFault(
  file: PageFile,
  { root, depth, entries, flags }: Tree,
  meta: NewestMeta,
): string | undefined {
  if (root === NO_ROOT) return undefined;
  if (root >= file.pages) return missing(root);
  const page = readPage(file, root);
  const isLeaf = (page.readUInt16LE(PAGE.flagsAt) & KIND.leaf) !== 0;
  const count = page.readUInt16LE(PAGE.listLengthAt) / 2;
  const isValid =
    isNodePage(page, root) &&
    isLeaf === (depth === 1) &&
    isOfTransaction(page, meta) &&
    (!isLeaf || (flags & TREE.duplicates) !== 0 || count === entries) &&
    [...references(page)].every(({ first, count }) => first > 1 && first + count <= meta.pages);
  return isValid ? undefined : damaged(root);
}

/**
 * Looks at the pages of an LMDB file in plain reads: the roots of its two trees always; every page that is referred to
 * only if the file has fewer pages than are planned.
 *
 * @param pages - Number of whole pages that the file has.
 * @returns What is wrong, `undefined` if nothing is.
 */
export function pagesFault(fd: number, pages: number, meta: NewestMeta): string | undefined {
  const file = { fd, pageSize: meta.pageSize, pages };
  try {
    const fault = rootFault(file, meta.free, meta) ?? rootFault(file, meta.main, meta);
    return fault ?? (pages < meta.pages ? shortFileFault(file, meta) : undefined);
  } catch (cause) {
    if (cause instanceof RangeError) return 'a page is damaged; restore it from a backup'; // it points outside of itself
    throw cause;
  }
}
