import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StoreError } from '../../errors.ts';
import { KIND, META, PAGE, PAGE_SIZE, readWord } from './lmdb-file-layout.ts';
import { reachableFault } from './reachable-pages.ts';

/** What a meta page tells. */
interface Meta {
  readonly pageSize: number;
  /** How many pages are in use, or were; those at the end may never have been written. */
  readonly pages: number;
  readonly roots: readonly number[];
  readonly transaction: number;
}

const CUT = 'it is cut short';

const isPageSize = (bytes: number): boolean =>
  bytes >= PAGE_SIZE.least && bytes <= PAGE_SIZE.most && (bytes & (bytes - 1)) === 0;

/** What is wrong with a page that should be a meta page, of which there are perhaps only the first bytes. */
function metaFault(page: Buffer): string | undefined {
  const magicAt = [META.magicAt, ...META.otherMagicsAt].find(
    (at) => page.length >= at + 8 && page.readUInt32LE(at) === META.magic,
  );
  if (magicAt === undefined) return 'it is not an LMDB data file';
  const version = page.readUInt16LE(magicAt + 4);
  if (version !== META.version) return `it is an LMDB file of data version ${version}, not ${META.version}`;
  if (magicAt !== META.magicAt) return 'it is an LMDB file of a 32-bit system';
  if (page.length < META.bytes) return CUT;
  if ((page.readUInt16LE(PAGE.flagsAt) & KIND.meta) === 0) return 'a meta page is damaged';
  if (page.readUInt16LE(META.flagsAt) & META.encrypted) return 'it is encrypted';
  const pageSize = page.readUInt32LE(META.pageSizeAt);
  return isPageSize(pageSize) ? undefined : `its page size, ${pageSize}, makes no sense`;
}

function readMeta(fd: number, at: number): Meta | string {
  const bytes = Buffer.alloc(META.bytes);
  const page = bytes.subarray(0, readSync(fd, bytes, 0, META.bytes, at));
  return (
    metaFault(page) ?? {
      pageSize: page.readUInt32LE(META.pageSizeAt),
      pages: readWord(page, META.lastPageAt) + 1,
      roots: [readWord(page, META.freeRootAt), readWord(page, META.mainRootAt)],
      transaction: readWord(page, META.transactionAt),
    }
  );
}

/** The meta page that counts, or what is wrong with either. */
function newestMeta(fd: number): Meta | string {
  const first = readMeta(fd, 0);
  if (typeof first === 'string') return first;
  if (fstatSync(fd).size < 2 * first.pageSize) return CUT;
  const second = readMeta(fd, first.pageSize);
  if (typeof second === 'string') return 'a meta page is damaged';
  if (second.pageSize !== first.pageSize) return 'its two meta pages contradict each other';
  return first.transaction >= second.transaction ? first : second;
}

/** A device would crash the process, and a pipe hold it up for ever. */
function openFile(path: string): number {
  if (!statSync(path).isFile()) throw new Error('it is not a file');
  return openSync(path, 'r');
}

function fileFault(fd: number): string | undefined {
  if (fstatSync(fd).size === 0) return undefined;
  const meta = newestMeta(fd);
  if (typeof meta === 'string') return meta;
  // Only now: another process may be writing, and it writes pages before the meta page that refers to them.
  const pages = Math.floor(fstatSync(fd).size / meta.pageSize);
  if (pages >= meta.pages) return undefined;

  const fault = reachableFault(fd, meta.roots, meta.pageSize, pages);
  if (fault === undefined) return undefined;
  const now = newestMeta(fd);
  const changed = typeof now !== 'string' && now.transaction !== meta.transaction;
  // What another process has written over meanwhile tells nothing: look again.
  return changed ? fileFault(fd) : fault;
}

/**
 * Looks at a file before LMDB does, which crashes the process on one that is not its own or is cut short.
 *
 * It costs a few small reads, and one per page of the trees if the file is shorter than it has been planned. What was
 * changed inside of pages is not noticed, and an encrypted file refused: it cannot be looked at.
 *
 * @param path - Of the data file. One that is not there, or empty, is well: LMDB will make it.
 * @throws StoreError that names the file and what is wrong with it; the file is left as it is.
 * @example
 * inspectLmdbFile('./events.lmdb');
 * const env = open({ path: './events.lmdb', overlappingSync: false });
 */
export function inspectLmdbFile(path: string): void {
  let fd: number;
  try {
    fd = openFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new StoreError(`cannot open '${path}': ${(cause as Error).message}`, { cause });
  }
  try {
    const fault = fileFault(fd);
    if (fault !== undefined) throw new StoreError(`cannot open '${path}' as a store: ${fault}`);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot read '${path}': ${(cause as Error).message}`, { cause });
  } finally {
    closeSync(fd);
  }
}
