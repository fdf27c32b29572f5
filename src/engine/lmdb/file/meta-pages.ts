import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { KIND, META, NO_ROOT, PAGE, PAGE_SIZE, readWord, TREE } from './lmdb-file-format.ts';

/** Descriptor of a tree, from a meta page. A meta page holds the descriptors of two trees. */
export interface Tree {
  readonly flags: number;
  /** Number of levels; 0 if the tree is empty. */
  readonly depth: number;
  readonly entries: number;
  readonly root: number;
}

export interface Meta {
  readonly pageSize: number;
  /** Number of pages that LMDB has assigned. Pages at the end may never have been written, so the file can be shorter. */
  readonly pages: number;
  readonly free: Tree;
  readonly main: Tree;
  readonly transaction: number;
}

/** The valid meta page, and the transaction of the other meta page. */
export interface NewestMeta extends Meta {
  /** Transaction of the other meta page. */
  readonly previous: number;
}

const TRUNCATED = 'it is truncated; restore it from a backup';
const DAMAGED = 'a meta page is damaged; restore it from a backup';
const CONTRADICTION = 'its two meta pages contradict each other; restore it from a backup';

const isPageSize = (bytes: number): boolean =>
  bytes >= PAGE_SIZE.min && bytes <= PAGE_SIZE.max && (bytes & (bytes - 1)) === 0;

const readTree = (page: Buffer, at: number): Tree => ({
  flags: page.readUInt16LE(at + TREE.flagsAt),
  depth: page.readUInt16LE(at + TREE.depthAt),
  entries: readWord(page, at + TREE.entriesAt),
  root: readWord(page, at + TREE.rootAt),
});

/** Returns whether LMDB could have written a descriptor. LMDB crashes on a root beyond the assigned pages. */
const isTree = ({ root, depth, entries }: Tree, pages: number): boolean =>
  root === NO_ROOT ? depth === 0 && entries === 0 : depth > 0 && entries > 0 && root > 1 && root < pages;

function formatFault(page: Buffer): string | undefined {
  const magicAt = [META.magicAt, ...META.otherMagicsAt].find(
    (at) => page.length >= at + 8 && page.readUInt32LE(at) === META.magic,
  );
  if (magicAt === undefined) return 'it is not an LMDB data file; check the path';
  const version = page.readUInt16LE(magicAt + 4);
  if (version !== META.version)
    return `it is an LMDB file of data version ${version}, not ${META.version}; dump it with the version of LMDB that wrote it, and load the dump into a new file`;
  if (magicAt !== META.magicAt)
    return 'it is an LMDB file of a 32-bit system; dump it on such a system, and load the dump into a new file';
  return page.length < META.bytes ? TRUNCATED : undefined;
}

/** Parses a meta page, which may be truncated. Returns a fault if it is not valid. */
export function parseMeta(page: Buffer): Meta | string {
  const fault = formatFault(page);
  if (fault !== undefined) return fault;
  const free = readTree(page, META.freeTreeAt);
  if (free.flags & TREE.encrypted) return 'it is encrypted; a store cannot inspect it';
  const pageSize = page.readUInt32LE(META.pageSizeAt);
  if (!isPageSize(pageSize)) return `its page size, ${pageSize}, is not valid; restore it from a backup`;
  const meta = {
    pageSize,
    pages: readWord(page, META.lastPageAt) + 1,
    free,
    main: readTree(page, META.mainTreeAt),
    transaction: readWord(page, META.transactionAt),
  };
  const isValid =
    (page.readUInt16LE(PAGE.flagsAt) & KIND.meta) !== 0 &&
    (free.flags & TREE.order) === TREE.integerKeys &&
    meta.pages >= 2 &&
    Number.isSafeInteger(meta.pages * pageSize) &&
    isTree(free, meta.pages) &&
    isTree(meta.main, meta.pages);
  return isValid ? meta : DAMAGED;
}

/**
 * Returns whether two meta pages are consistent. Transactions write them alternately, so their transaction numbers differ
 * by one. In a copy that LMDB has compacted, page 0 stays at transaction 0 until the second transaction.
 */
function areConsistent(even: Meta, odd: Meta): boolean {
  const [older, newer] = even.transaction > odd.transaction ? [odd, even] : [even, odd];
  return (
    even.pageSize === odd.pageSize &&
    even.transaction % 2 === 0 &&
    (odd.transaction % 2 === 1 || odd.transaction === even.transaction) &&
    (even.transaction === 0 || newer.transaction - older.transaction === 1) &&
    newer.pages >= older.pages &&
    (older.main.root === NO_ROOT || older.main.flags === newer.main.flags)
  );
}

function parsePair([first, second]: readonly [Buffer, Buffer | undefined]): NewestMeta | string {
  const even = parseMeta(first);
  if (typeof even === 'string') return even;
  if (second === undefined) return TRUNCATED;
  const odd = parseMeta(second);
  if (typeof odd === 'string') return DAMAGED;
  if (!areConsistent(even, odd)) return CONTRADICTION;
  return even.transaction > odd.transaction
    ? { ...even, previous: odd.transaction }
    : { ...odd, previous: even.transaction };
}

function readPair(fd: number): readonly [Buffer, Buffer | undefined] {
  const read = (at: number): Buffer => {
    const bytes = Buffer.alloc(META.bytes);
    return bytes.subarray(0, readSync(fd, bytes, 0, META.bytes, at));
  };
  const first = read(0);
  const even = parseMeta(first);
  const isWhole = typeof even !== 'string' && fstatSync(fd).size >= 2 * even.pageSize;
  return [first, isWhole ? read(even.pageSize) : undefined];
}

/**
 * Returns the valid meta page of a file, or the fault of the file.
 *
 * Another process can write a meta page during the read. A fault therefore counts only if a second read finds the same bytes.
 */
export function newestMeta(fd: number): NewestMeta | string {
  let before: Buffer | undefined;
  for (;;) {
    const pair = readPair(fd);
    const meta = parsePair(pair);
    const bytes = Buffer.concat([pair[0], pair[1] ?? Buffer.alloc(0)]);
    if (typeof meta !== 'string' || before?.equals(bytes)) return meta;
    before = bytes;
  }
}

/** Returns the transaction number of the last commit to an LMDB file; 0 if the file is empty or does not exist. */
export function transactionId(dataFile: string): number {
  let fd: number;
  try {
    fd = openSync(dataFile, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  try {
    const page = Buffer.alloc(META.bytes);
    if (readSync(fd, page, 0, META.bytes, 0) < META.bytes) return 0;
    const first = readWord(page, META.transactionAt);
    readSync(fd, page, 0, META.bytes, page.readUInt32LE(META.pageSizeAt));
    return Math.max(first, readWord(page, META.transactionAt));
  } finally {
    closeSync(fd);
  }
}
