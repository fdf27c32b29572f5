import { catchError, defer, NEVER, type Observable, switchMap, take, throwError, timeout } from 'rxjs';
import { StoreError, WatcherLibraryError } from '../../../errors.ts';
import { textOf } from '../../../validation/format-value.ts';
import type { ConnectionState } from './connection-state.ts';

/**
 * Wraps a failure of the server, the NATS client or the network in a `StoreError`. Returns errors of this library unchanged.
 *
 * @param message - Start of the message, for example "the read failed".
 */
export function engineFailure(message: string, cause: unknown): WatcherLibraryError {
  if (cause instanceof WatcherLibraryError) return cause;
  const name = cause instanceof Error && cause.name !== 'Error' ? `${cause.name}: ` : '';
  return new StoreError(`${message}: ${name}${textOf(cause)}`, { cause });
}

/** Maximum time until the answer to a request, including the time for a reconnection, in milliseconds. */
const TIMEOUT = 5_000;

/**
 * Sends a request at subscription, and emits the answer. Errors with a `StoreError` if the request fails. The message of
 * this error starts with the text `failure`.
 *
 * A pending request of the NATS client does not fail when the connection is lost. For this reason, `send` is called again
 * after a reconnection, and a second call of `send` must do no harm.
 */
export type SendRequest = <T>(failure: string, send: () => Promise<T>) => Observable<T>;

/** Creates the function that sends requests on a connection. */
export const createSendRequest =
  (state$: Observable<ConnectionState>): SendRequest =>
  (failure, send) =>
    state$.pipe(
      switchMap((state) => {
        if (state === 'connected') return defer(send);
        return state === 'closed' ? throwError(() => new Error('the connection is closed')) : NEVER;
      }),
      take(1),
      timeout({
        first: TIMEOUT,
        with: () =>
          throwError(() => new StoreError(`${failure}: the server did not answer within ${TIMEOUT} ms`)),
      }),
      catchError((cause) => throwError(() => engineFailure(failure, cause))),
    );
