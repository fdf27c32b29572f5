/**
 * How a data file of LMDB lies on the disk: as lmdb-js 3.5 writes it on systems of 64 bit, data version 2. Numbers are
 * little-endian, those of pages and transactions of eight bytes. The pages are numbered from 0, and of one size.
 *
 * Pages 0 and 1 hold a meta page each: transaction n writes page n % 2, after the pages that it refers to, and the
 * newer one counts. It has the root pages of two trees: of free pages, and of what is stored. Leaves of the second have
 * the roots of others, which are the named sub-databases; a leaf of one with duplicates may have more.
 */

/**
 * A page begins with its own number and has a head. Behind that comes a list of where its nodes are, of two bytes each:
 * they, and the length of the list, are counted from the end of the head.
 */
export const PAGE = { numberAt: 0, flagsAt: 18, listLengthAt: 20, headBytes: 24 } as const;

/** The kinds of pages. One of `plainValues` has no nodes, and those of a large value no head but the first. */
export const KIND = { branch: 0x01, leaf: 0x02, meta: 0x08, plainValues: 0x20 } as const;

/** A meta page. */
export const META = {
  bytes: 168,
  magicAt: 24,
  magic: 0xbeef_c0de,
  version: 2,
  pageSizeAt: 48,
  flagsAt: 52,
  encrypted: 0x2000,
  freeRootAt: 88,
  mainRootAt: 136,
  lastPageAt: 144,
  transactionAt: 152,
  /** Where the magic number is in files of 32-bit systems and of data version 1, whose pages have a shorter head. */
  otherMagicsAt: [16, 12],
} as const;

/** A node of a branch begins with six bytes of page number; one of a leaf has flags, and its data behind its key. */
export const NODE = { flagsAt: 4, keyLengthAt: 6, keyAt: 8, hasLargeValue: 0x01, hasTree: 0x02 } as const;

/** What a leaf tells of a value that is too large for it: its first page, and how many there are. */
export const LARGE_VALUE = { pageAt: 0, pagesAt: 16 } as const;

/** What a leaf tells of a tree. */
export const TREE = { rootAt: 40 } as const;

/** What stands for the root of an empty tree: 2⁶⁴ − 1, as the nearest number. */
export const NO_ROOT = 2 ** 64;

/** LMDB's bounds for the size of a page, in bytes, which is a power of two. */
export const PAGE_SIZE = { least: 256, most: 65_536 } as const;

/** A number of eight bytes; beyond 2⁵³ the nearest. */
export const readWord = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
