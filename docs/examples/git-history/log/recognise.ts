import { statSync } from 'node:fs';
import { StoreError } from 'rx-watcher';
import { openLmdbEnv } from 'rx-watcher/lmdb';
import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';
import { MARKER } from './tables.ts';

const WAY_OUT = 'it was left as it is; name another with --store';

/**
 * Tells whether a file is a store of this demo, without writing to it.
 *
 * An LMDB file with nothing in it is one as well: a run was killed just after it had made it.
 *
 * @returns `false` if there is no file, or an empty one.
 * @throws {@link DemoError} if it is anything else.
 */
export function recognise(path: string): boolean {
  const shown = printable(path);
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || (stats.isFile() && stats.size === 0)) return false;
    if (!stats.isFile()) throw new DemoError(`${shown} is no file; ${WAY_OUT}`);
    const names = tableNames(path);
    if (names.length === 0 || names.includes(MARKER)) return true;
    throw new DemoError(`${shown} is no store of this demo; ${WAY_OUT}`);
  } catch (cause) {
    if (cause instanceof DemoError) throw cause;
    const message = printable((cause as Error).message);
    const told = cause instanceof StoreError ? message : `cannot open '${shown}': ${message}`;
    throw new DemoError(`${told}; ${WAY_OUT}`, { cause });
  }
}

function tableNames(path: string): string[] {
  const env = openLmdbEnv({ path, keyEncoding: 'binary' });
  try {
    return [...env.getKeys()].map((name) => String(name).replace(/\0$/, ''));
  } finally {
    void env.close();
  }
}
