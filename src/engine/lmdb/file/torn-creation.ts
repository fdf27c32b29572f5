import { fstatSync, readSync } from 'node:fs';
import { NO_ROOT } from './lmdb-file-format.ts';
import { parseMeta } from './meta-pages.ts';

/** Maximum size of a file that can be a torn creation, in bytes; LMDB creates a file of two pages. */
const MOST = 1024 * 1024;

/** Every size of a page is a multiple of it. */
const PAGE_UNIT = 256;

/** A disk is written in blocks of at least this size: a file of any other length was cut by something else. */
const BLOCK = 512;

const nextByte = (bytes: Buffer, from: number): number =>
  bytes.findIndex((byte, at) => at >= from && byte !== 0);

/** Page size of a meta page that no transaction has written yet; `undefined` for anything else. */
function emptyMetaPage(page: Buffer): number | undefined {
  const meta = parseMeta(page);
  const isEmpty = typeof meta !== 'string' && meta.transaction === 0 && meta.main.root === NO_ROOT;
  return isEmpty ? meta.pageSize : undefined;
}

/** Pages of data are never accepted: a compacted copy keeps an empty meta page until its second transaction. */
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
 * Whether a file that is not a whole LMDB file is what an interrupted creation leaves: zeros, or meta pages of an empty
 * file between zeros. Nothing in it was ever acknowledged.
 */
export function isTornCreation(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size > MOST || size % BLOCK !== 0) return false;
  const bytes = Buffer.alloc(size);
  readSync(fd, bytes, 0, size, 0);
  return isTorn(bytes);
}
