/**
 * Layout of an LMDB data file as lmdb-js 3.5 writes it on 64-bit systems (data version 2). Numbers are little-endian;
 * page numbers and transaction numbers have eight bytes. Pages are numbered from 0 and have one size.
 *
 * Pages 0 and 1 are the meta pages. Transaction n writes meta page n % 2 after all pages that this meta page refers to. The
 * meta page with the higher transaction number is the valid one.
 *
 * A descriptor is a block of 48 bytes with the root page and the size of a tree. A meta page holds two descriptors: of the
 * tree of free pages, and of the main tree. Leaves of the main tree hold the descriptors of the named sub-databases. A leaf of
 * a sub-database with several values per key may also hold descriptors of trees.
 */

/**
 * Head of a page. A list with the offsets of the nodes follows, with two bytes per node. `listLengthAt` is the place of the
 * length of this list, in bytes. The offsets count from the end of the head.
 */
export const PAGE = { numberAt: 0, transactionAt: 8, flagsAt: 18, listLengthAt: 20, headBytes: 24 } as const;

/**
 * Flags for the kinds of pages. A page with the flag `plainValues` holds values of equal size instead of nodes. If a large
 * value occupies several pages, only the first page has a head.
 */
export const KIND = { branch: 0x01, leaf: 0x02, meta: 0x08, plainValues: 0x20 } as const;

/** Offsets of the fields of a meta page, and their fixed values. */
export const META = {
  bytes: 168,
  magicAt: 24,
  magic: 0xbeef_c0de,
  version: 2,
  /** Page size: the first four bytes of the descriptor of the tree of free pages. */
  pageSizeAt: 48,
  freeTreeAt: 48,
  mainTreeAt: 96,
  lastPageAt: 144,
  transactionAt: 152,
  /** Offsets of the magic number in files of 32-bit systems and of data version 1, in which pages have a shorter head. */
  otherMagicsAt: [16, 12],
} as const;

/**
 * Offsets of the fields in the descriptor of a tree, and its flags. The flags of the tree of free pages also contain flags
 * of the environment.
 */
export const TREE = {
  flagsAt: 4,
  depthAt: 6,
  entriesAt: 32,
  rootAt: 40,
  /** Flags for the order of keys and values. */
  order: 0x7e,
  integerKeys: 0x08,
  duplicates: 0x04,
  encrypted: 0x2000,
} as const;

/**
 * Offsets of the fields of a node, and the flags of a node of a leaf. A node of a branch begins with a page number of six
 * bytes. In a node of a leaf, the data follows the key.
 */
export const NODE = {
  dataLengthAt: 0,
  flagsAt: 4,
  keyLengthAt: 6,
  keyAt: 8,
  hasLargeValue: 0x01,
  hasTree: 0x02,
} as const;

/**
 * Offsets in the data of a node with a large value on separate pages: the number of the first page, and the number of pages.
 */
export const LARGE_VALUE = { pageAt: 0, pagesAt: 16 } as const;

/** Root of an empty tree: 2⁶⁴ − 1, which JavaScript rounds to 2⁶⁴. */
export const NO_ROOT = 2 ** 64;

/** Minimum and maximum size of a page, in bytes. The size is a power of two. */
export const PAGE_SIZE = { min: 256, max: 65_536 } as const;

/** Reads an unsigned 64-bit number. A number above 2⁵³ is rounded. */
export const readWord = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
