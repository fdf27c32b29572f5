import { closeSync, openSync, readSync } from 'node:fs';
import { META, readWord } from './lmdb-file-layout.ts';

/** Returns the number of the last commit to a data file, which must be LMDB's; 0 if it is empty or does not exist. */
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
