import { fstatSync, readSync } from 'node:fs';
import { NO_ROOT } from './lmdb-file-format.ts';
import { parseMeta } from './meta-pages.ts';

/**
 * Maximum size of a file after an interrupted creation, in bytes. LMDB creates a file of two pages, which are at most 128 KiB;
 * the rest is a margin.
 */
const MAX_BYTES = 1024 * 1024;

/** Divisor of every page size, in bytes. */
const PAGE_UNIT = 256;

/** Minimum size of a disk block, in bytes. An interrupted write leaves a file with a multiple of this size. */
const BLOCK = 512;

const nextByte = (bytes: Buffer, from: number): number =>
  bytes.findIndex((byte, at) => at >= from && byte !== 0);

/** Returns the page size of a meta page that no transaction has written; `undefined` for other bytes. */
function emptyMetaPage(page: Buffer): number | undefined {
  const meta = parseMeta(page);
  const isEmpty = typeof meta !== 'string' && meta.transaction === 0 && meta.main.root === NO_ROOT;
  return isEmpty ? meta.pageSize : undefined;
}

/**
 * Returns whether bytes consist of zeros and empty meta pages. Pages with data are never accepted, because a compacted copy
 * has data and also an empty meta page until its second transaction.
 */
function isTorn(bytes: Buffer): boolean {
  let from = 0;
  for (let page = 0; page < 2; page++) {
    const at = nextByte(bytes, from);
    if (at === -1) return true;
    const start = at - (at % PAGE_UNIT);
    const pageSize = emptyMetaPage(bytes.subarray(start));
    if (pageSize === undefined || (start !== 0 && start !== pageSize)) return false;
    from = start + pageSize;
  }
  return nextByte(bytes, from) === -1;
}

/**
 * Returns whether a file that LMDB cannot open results from an interrupted creation. After an interrupted creation, the
 * file contains zeros, or meta pages of an empty file between zeros, and no write to it was acknowledged.
 */
export function isTornCreation(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size > MAX_BYTES || size % BLOCK !== 0) return false;
  const bytes = Buffer.alloc(size);
  readSync(fd, bytes, 0, size, 0);
  return isTorn(bytes);
}
