import { readSync } from 'node:fs';
import { KIND, LARGE_VALUE, NO_ROOT, NODE, PAGE, readWord, TREE } from './lmdb-file-format.ts';
import type { NewestMeta, Tree } from './meta-pages.ts';

/** LMDB file that is open for reading. */
interface PageFile {
  readonly fd: number;
  readonly pageSize: number;
  /** Number of complete pages in the file. */
  readonly pages: number;
}

/** Reference to consecutive pages. */
interface Reference {
  readonly first: number;
  readonly count: number;
  /** Whether the reference is to a page of a tree, which contains further references. */
  readonly isNode: boolean;
}

/** List of page numbers in a leaf of the tree of free pages. */
interface FreeList {
  /** Offset in the file, in bytes. */
  readonly at: number;
  /** Length, in bytes. */
  readonly bytes: number;
}

const damaged = (page: number): string => `its page ${page} is damaged; restore it from a backup`;
const missing = (page: number): string =>
  `it is truncated: page ${page} is missing; restore it from a backup`;

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

/**
 * Returns whether a page belongs to a tree. A page that was cut off and allocated again contains only zeros, and does not
 * belong to a tree.
 */
const isNodePage = (page: Buffer, number: number): boolean =>
  readWord(page, PAGE.numberAt) === number &&
  (page.readUInt16LE(PAGE.flagsAt) & (KIND.branch | KIND.leaf)) !== 0;

/** Visits every page that trees refer to, and calls `onLeaf` for each leaf. Returns the first fault. */
function walk(file: PageFile, roots: readonly number[], onLeaf?: (page: Buffer, number: number) => void) {
  const pending = roots.flatMap(tree);
  // In a valid file, one reference leads to each page. More visits than pages mean that references form a cycle.
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

/** Returns the number of free pages of a list. A negative entry is the length of a block; the next entry is its first page. */
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
  // In a valid file, pages at the end can be missing only if LMDB has never written them. Such pages are free, so a file that
  // lacks more pages than are free was truncated.
  return fault ?? (meta.pages - file.pages > free ? missing(meta.pages - 1) : undefined);
}

/**
 * Returns whether a root page belongs to the valid meta page. Each transaction writes both root pages, so they have the
 * transaction number of the meta page. In a compacted copy, root pages can have a lower number.
 */
const isOfTransaction = (page: Buffer, { transaction, previous }: NewestMeta): boolean => {
  const writtenBy = readWord(page, PAGE.transactionAt);
  return previous === 0 ? writtenBy <= transaction : writtenBy === transaction;
};

/** Returns the fault of the root page of a tree, which LMDB reads when it opens the file. */
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
 * Checks the pages of an LMDB file by plain reads. The roots of the two trees are always checked. All referenced pages are
 * checked only if the file has fewer pages than LMDB has assigned.
 *
 * @param pages - Number of complete pages in the file.
 * @returns The first fault; `undefined` if there is none.
 */
export function pagesFault(fd: number, pages: number, meta: NewestMeta): string | undefined {
  const file = { fd, pageSize: meta.pageSize, pages };
  try {
    const fault = rootFault(file, meta.free, meta) ?? rootFault(file, meta.main, meta);
    return fault ?? (pages < meta.pages ? shortFileFault(file, meta) : undefined);
  } catch (cause) {
    // A `RangeError` means that an offset in a page points outside the page.
    if (cause instanceof RangeError) return 'a page is damaged; restore it from a backup';
    throw cause;
  }
}
