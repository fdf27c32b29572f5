import { catchError, defer, NEVER, type Observable, switchMap, take, throwError, timeout } from 'rxjs';
import { StoreError, WatcherLibraryError } from '../../../errors.ts';
import { textOf } from '../../../validation/format-value.ts';
import type { ConnectionState } from './connection-state.ts';

/** A failure of the server, the client or the network, as one of the store. */
export function engineFailure(what: string, cause: unknown): WatcherLibraryError {
  if (cause instanceof WatcherLibraryError) return cause;
  const name = cause instanceof Error && cause.name !== 'Error' ? `${cause.name}: ` : '';
  return new StoreError(`${what}: ${name}${textOf(cause)}`, { cause });
}

/** How long, in milliseconds, an answer may take, and the connection with it. */
const PATIENCE = 5_000;

/**
 * Asks the server for something when it is subscribed to; a failure is one of the store, in which `what` failed.
 *
 * The client does not tell when the connection is lost on which it has asked: the question is put again then, as soon
 * as there is a new one. It must be one that may be put twice.
 */
export type SendRequest = <T>(what: string, question: () => Promise<T>) => Observable<T>;

/** Makes what asks over a connection. */
export const createSendRequest =
  (state$: Observable<ConnectionState>): SendRequest =>
  (what, question) =>
    state$.pipe(
      switchMap((state) => {
        if (state === 'connected') return defer(question);
        return state === 'closed' ? throwError(() => new Error('the connection is closed')) : NEVER;
      }),
      take(1),
      timeout({
        first: PATIENCE,
        with: () => throwError(() => new StoreError(`${what}: no answer came within ${PATIENCE} ms`)),
      }),
      catchError((cause) => throwError(() => engineFailure(what, cause))),
    );
