import { readFileSync } from 'node:fs';

/** Returns the private memory of this process, in MiB. It excludes the pages of a mapped file, which grow with the file. */
export const ownMemory = () =>
  Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
