import { StoreError, WatcherLibraryError } from '../../errors.ts';
import { textOf } from '../../validation/text-of.ts';

/** A failure of the server, the client or the network, as one of the store. */
export function engineFailure(what: string, cause: unknown): WatcherLibraryError {
  if (cause instanceof WatcherLibraryError) return cause;
  const name = cause instanceof Error && cause.name !== 'Error' ? `${cause.name}: ` : '';
  return new StoreError(`${what}: ${name}${textOf(cause)}`, { cause });
}
