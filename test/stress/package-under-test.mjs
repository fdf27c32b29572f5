import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { open } from 'lmdb';

export const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** Opens an environment for builds without `openLmdbEnv`, with the options that the documentation of these builds requires. */
const openUnguarded = (options) =>
  open({ ...options, overlappingSync: false, eventTurnBatching: false, strictAsyncOrder: true });

/** Loads a build of the package from a directory, so that two versions can be compared. */
export async function loadPackage(directory = DIST) {
  const load = (module) => import(pathToFileURL(join(resolve(directory), module)).href);
  const [core, lmdb] = await Promise.all([load('index.js'), load('lmdb.js')]);
  return { ...core, openLmdbEnv: openUnguarded, ...lmdb };
}
