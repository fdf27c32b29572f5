import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StoreError } from '../../errors.ts';

/** Where things stand in a page of LMDB that holds a meta page, and what stands there. */
const META = {
  bytes: 160,
  flagsAt: 18,
  isMeta: 0x08,
  magicAt: 24,
  magic: 0xbeefc0de,
  versionAt: 28,
  version: 2,
};
/** Of the two tables that a meta page describes, the size of a page and the root's page number. */
const TABLES = { pageSizeAt: 48, freeRootAt: 88, mainRootAt: 136, none: 0xffff_ffff_ffff_ffffn };

function metaFault(meta: Buffer): string | undefined {
  if (meta.length < META.bytes) return 'it is cut short';
  const isMeta = (meta.readUInt16LE(META.flagsAt) & META.isMeta) !== 0;
  if (!isMeta || meta.readUInt32LE(META.magicAt) !== META.magic) return 'it is not an LMDB data file';
  const version = meta.readUInt32LE(META.versionAt) & 0xffff;
  return version === META.version
    ? undefined
    : `it is an LMDB file of version ${version}, not ${META.version}`;
}

function fileFault(fd: number): string | undefined {
  const { size } = fstatSync(fd);
  if (size === 0) return undefined;
  const read = (at: number) => {
    const bytes = Buffer.alloc(META.bytes);
    return bytes.subarray(0, readSync(fd, bytes, 0, META.bytes, at));
  };
  const first = read(0);
  const fault = metaFault(first);
  if (fault !== undefined) return fault;
  const pageSize = first.readUInt32LE(TABLES.pageSizeAt);
  const second = read(pageSize);
  const secondFault = metaFault(second);
  if (secondFault !== undefined)
    return secondFault === 'it is cut short' ? secondFault : 'a meta page is broken';

  const pages = BigInt(Math.floor(size / pageSize));
  const roots = [first, second].flatMap((meta) =>
    [TABLES.freeRootAt, TABLES.mainRootAt].map((at) => meta.readBigUInt64LE(at)),
  );
  return roots.some((root) => root !== TABLES.none && root >= pages) ? 'it is cut short' : undefined;
}

/**
 * Looks at a file before LMDB does, which crashes the process on one that is not its own or is cut short.
 *
 * @param path - Of the data file. One that is not there, or empty, is well: LMDB will make it.
 * @throws StoreError that names the file and what is wrong with it.
 * @example
 * inspectLmdbFile('./events.lmdb');
 * const env = open({ path: './events.lmdb', overlappingSync: false });
 */
export function inspectLmdbFile(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r');
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
