import { join, resolve } from 'node:path';
import type { StreamAddress } from './stream-address.ts';

/** Where the tables of a stream are: under the current directory, where the stores of repositories are by default. */
export function tablesPath({ host, port, stream }: StreamAddress): string {
  const name = `${stream}@${host}-${port}`.replace(/[^\w.@-]/g, '_');
  return resolve(join('.rx-watcher-demo', `${name}.lmdb`));
}
