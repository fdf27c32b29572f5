import { resolve } from 'node:path';
import type { Repository } from '../git/repository.ts';
import type { DemoStore } from './demo-store.ts';
import { fileStore } from './file-store.ts';
import { storePath } from './store-path.ts';
import { isAddress, parseStreamAddress } from './stream-address.ts';
import { streamStore } from './stream-store.ts';

/**
 * Finds the store that is meant.
 *
 * @param store - What the user says: a path, or the address of a stream.
 * @throws DemoError if it is an address, and a wrong one.
 */
export function findStore(store: string | undefined, repository: Repository): DemoStore {
  if (store === undefined) return fileStore(storePath(repository));
  return isAddress(store) ? streamStore(parseStreamAddress(store)) : fileStore(resolve(store));
}
