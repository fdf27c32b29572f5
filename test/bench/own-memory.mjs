import { readFileSync } from 'node:fs';

/** The memory in MiB that is this process's own: pages of a mapped file are the system's, and grow with the file. */
export const ownMemory = () =>
  Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
