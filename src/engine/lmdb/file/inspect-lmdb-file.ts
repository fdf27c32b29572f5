import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { type Fault, InvalidOptionsError, StoreError } from '../../../errors.ts';
import { checkAll } from '../../../validation/check.ts';
import { filledText } from '../../../validation/types.ts';
import { newestMeta } from './meta-pages.ts';
import { pagesFault } from './pages-fault.ts';
import { isTornCreation } from './torn-creation.ts';

/**
 * State of a data file: `new` if it is missing or empty, `torn` if its creation was interrupted before anything was
 * acknowledged, `whole` if LMDB can open it. LMDB itself crashes on a torn one.
 */
export type LmdbFileState = 'new' | 'torn' | 'whole';

/** A device would crash the process, and a pipe would block it forever. */
function openFile(path: string): number {
  if (!statSync(path).isFile()) throw new Error('it is not a file');
  return openSync(path, 'r');
}

/** What is wrong with a file that is not empty. */
function fileFault(fd: number): string | undefined {
  for (;;) {
    const meta = newestMeta(fd);
    if (typeof meta === 'string') return meta;
    // Only now: another process may be writing, and it writes pages before the meta page that refers to them.
    const pages = Math.floor(fstatSync(fd).size / meta.pageSize);
    const fault = pagesFault(fd, pages, meta);
    if (fault === undefined) return undefined;
    const now = newestMeta(fd);
    // A fault in pages that another process has overwritten in the meantime says nothing.
    if (typeof now === 'string' || now.transaction === meta.transaction) return fault;
  }
}

function stateOf(fd: number, path: string): LmdbFileState {
  if (fstatSync(fd).size === 0) return 'new';
  const fault = fileFault(fd);
  if (fault === undefined) return 'whole';
  if (isTornCreation(fd)) return 'torn';
  throw new StoreError(`cannot open '${path}' as a store: ${fault}`);
}

/**
 * Returns the state of a data file by plain reads; see {@link inspectLmdbFile}.
 *
 * @throws StoreError if the file cannot be opened as a store.
 */
export function lmdbFileState(path: string): LmdbFileState {
  let fd: number;
  try {
    fd = openFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 'new';
    throw new StoreError(`cannot open '${path}': ${(cause as Error).message}`, { cause });
  }
  try {
    return stateOf(fd, path);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot read '${path}': ${(cause as Error).message}`, { cause });
  } finally {
    closeSync(fd);
  }
}

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('arguments of inspectLmdbFile', faults);

/**
 * Inspects a data file by plain reads before LMDB opens it. LMDB crashes the process on a file that is not an LMDB file,
 * is cut short, or has a damaged meta page or root page.
 *
 * It takes a few small reads; if the file is shorter than it has been planned, one read per page of the trees. Damage
 * inside other pages is not noticed. An encrypted file is refused, because it cannot be inspected.
 *
 * @param path - Data file. A missing or empty one is valid: LMDB creates it.
 * @throws `InvalidOptionsError` if `path` is not a string, or blank.
 * @throws StoreError if LMDB cannot open the file. The message says why, and what to do; the file is not changed.
 * @example
 * inspectLmdbFile('./events.lmdb');
 * const env = open({ path: './events.lmdb', overlappingSync: false });
 */
export function inspectLmdbFile(path: string): void {
  checkAll({ path: [filledText, path] }, invalid);
  if (lmdbFileState(path) === 'torn') {
    throw new StoreError(
      `cannot open '${path}': its creation was interrupted before anything was stored; delete it, or open it with openLmdbStore, which begins it again`,
    );
  }
}
