/**
 * Layout of an LMDB data file as lmdb-js 3.5 writes it on 64-bit systems (data version 2). Numbers are little-endian;
 * page numbers and transaction numbers have eight bytes. Pages are numbered from 0 and have one size.
 *
 * Pages 0 and 1 hold one meta page each. Transaction n writes page n % 2 after the pages that it refers to, and the
 * meta page of the higher transaction is the valid one. It holds the records of two trees: the free pages, and the main
 * tree. Leaves of the main tree hold the records of further trees, the named sub-databases. A leaf of a sub-database
 * with duplicates may hold more of them.
 */

/**
 * Head of a page. A list of offsets follows, two bytes per node. The offsets, and the length of the list, are counted
 * from the end of the head.
 */
export const PAGE = { numberAt: 0, transactionAt: 8, flagsAt: 18, listLengthAt: 20, headBytes: 24 } as const;

/** Kinds of pages. A page of `plainValues` has no nodes; of the pages of a large value only the first has a head. */
export const KIND = { branch: 0x01, leaf: 0x02, meta: 0x08, plainValues: 0x20 } as const;

/** Meta page. */
export const META = {
  bytes: 168,
  magicAt: 24,
  magic: 0xbeef_c0de,
  version: 2,
  /** Page size: the first four bytes of the record of the tree of free pages. */
  pageSizeAt: 48,
  freeTreeAt: 48,
  mainTreeAt: 96,
  lastPageAt: 144,
  transactionAt: 152,
  /** Offsets of the magic number in files of 32-bit systems and of data version 1, whose pages have a shorter head. */
  otherMagicsAt: [16, 12],
} as const;

/** Record of a tree. The flags of the tree of free pages hold flags of the environment too. */
export const TREE = {
  flagsAt: 4,
  depthAt: 6,
  entriesAt: 32,
  rootAt: 40,
  /** Flags that say how keys and values are ordered. */
  order: 0x7e,
  integerKeys: 0x08,
  duplicates: 0x04,
  encrypted: 0x2000,
} as const;

/** Node of a page. In a branch it begins with six bytes of page number; in a leaf its data follows its key. */
export const NODE = {
  dataLengthAt: 0,
  flagsAt: 4,
  keyLengthAt: 6,
  keyAt: 8,
  hasLargeValue: 0x01,
  hasTree: 0x02,
} as const;

/** Data of a node whose value has pages of its own: the first page, and their number. */
export const LARGE_VALUE = { pageAt: 0, pagesAt: 16 } as const;

/** Root of an empty tree: 2⁶⁴ − 1, as the nearest number. */
export const NO_ROOT = 2 ** 64;

/** Limits of the size of a page, in bytes; the size is a power of two. */
export const PAGE_SIZE = { least: 256, most: 65_536 } as const;

/** Reads a number of eight bytes; beyond 2⁵³ the nearest. */
export const readWord = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
