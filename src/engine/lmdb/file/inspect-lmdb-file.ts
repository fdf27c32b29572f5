import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { type Fault, InvalidOptionsError, StoreError } from '../../../errors.ts';
import { checkAll } from '../../../validation/check.ts';
import { filledText } from '../../../validation/types.ts';
import { newestMeta } from './meta-pages.ts';
import { pagesFault } from './pages-fault.ts';
import { isTornCreation } from './torn-creation.ts';

/**
 * State of a data file. `new`: it is missing or empty. `torn`: its creation was interrupted before any write was
 * acknowledged, and LMDB crashes on the file. `whole`: LMDB can open the file.
 */
export type LmdbFileState = 'new' | 'torn' | 'whole';

/** Opens a file for reading. Rejects a device, which would crash the process, and a pipe, which would block it forever. */
function openFile(path: string): number {
  if (!statSync(path).isFile()) throw new Error('it is not a file');
  return openSync(path, 'r');
}

/** Returns the reason why LMDB cannot open a file that is not empty; `undefined` if LMDB can open the file. */
function fileFault(fd: number): string | undefined {
  for (;;) {
    const meta = newestMeta(fd);
    if (typeof meta === 'string') return meta;
    // Read the size after the meta page. Another process writes pages before the meta page that refers to them, so the size
    // then includes all pages of this meta page.
    const pages = Math.floor(fstatSync(fd).size / meta.pageSize);
    const fault = pagesFault(fd, pages, meta);
    if (fault === undefined) return undefined;
    const now = newestMeta(fd);
    // If another process has committed in the meantime, the fault can be a page that this process was writing, so inspect
    // the file again.
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
 * Reads a data file without LMDB, and returns its state.
 *
 * @throws {@link StoreError} if LMDB cannot open the file, unless the file is `torn`.
 * @throws {@link StoreError} if the file cannot be read.
 * @see {@link inspectLmdbFile}
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
 * is truncated, or has a damaged meta page or root page.
 *
 * The inspection takes a few small reads. If the file has fewer pages than its meta page states, it takes one read per page
 * of the trees. Damage inside other pages is not detected. The file is never changed.
 *
 * @param path - Data file. A missing or empty file is valid, because LMDB creates it.
 * @throws InvalidOptionsError if `path` is not a string or is blank.
 * @throws StoreError if LMDB cannot open the file. The message contains the reason and advice.
 * @throws StoreError if the file is encrypted and therefore cannot be inspected.
 * @see {@link openLmdbEnv}
 * @example
 * inspectLmdbFile('./events.lmdb');
 * const env = open({ path: './events.lmdb', overlappingSync: false });
 */
export function inspectLmdbFile(path: string): void {
  checkAll({ path: [filledText, path] }, invalid);
  if (lmdbFileState(path) === 'torn') {
    throw new StoreError(
      `cannot open '${path}': its creation was interrupted before any event was stored; delete it, or open it with openLmdbStore, which creates it again`,
    );
  }
}
