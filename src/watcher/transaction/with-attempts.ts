import {
  catchError,
  defaultIfEmpty,
  defer,
  EMPTY,
  NEVER,
  type Observable,
  Subject,
  switchMap,
  takeUntil,
  throwError,
} from 'rxjs';
import type { Event } from '../../event/event.ts';
import { Attempt } from '../../handling/attempt.ts';
import type { AnyHandler, TransactionHandler } from '../../handling/handler.ts';
import { callOf } from '../../handling/handler-call.ts';
import type { AttemptContext } from '../../handling/handling-context.ts';
import type { Transacted } from './transact-events.ts';

/**
 * Makes an attempt at one event. The Observable completes if the attempt succeeds, and errors if it fails.
 *
 * `attempts` is the number of the attempt, from 1.
 */
export type AttemptAt<E extends Event> = (event: E, attempts: number) => Observable<never>;

/**
 * Calls `use` with a function that makes one attempt, with a handler of any kind, and returns the Observable that `use`
 * returns. A transaction handler is called in a transaction, through `transact`.
 *
 * Two cases are neither a success nor a failure of an attempt, because the retry strategy must not give up an event for them.
 * They end the returned Observable. If the store rejects the transaction, the Observable errors with the error of the store.
 * If there was no transaction, for example because the run has ended, the Observable completes without a value.
 *
 * @param transact - Handles one event in a transaction.
 */
export const withAttempts = <E extends Event, T>(
  context: AttemptContext & { readonly handler: AnyHandler<E> },
  transact: (handler: TransactionHandler<E>, event: E, attempts: number) => Observable<Transacted>,
  use: (attemptAt: AttemptAt<E>) => Observable<T>,
): Observable<T> => {
  const { handler } = context;
  if (handler.kind !== 'transaction') {
    return use((event, attempts) => new Attempt(context, callOf(handler, event), attempts).ended$);
  }
  return defer(() => {
    const end$ = new Subject<void>();
    const endWithError = (error: unknown): Observable<never> => {
      end$.error(error);
      return NEVER;
    };
    const toAttempt = (result: Transacted | undefined): Observable<never> => {
      if (result === undefined) {
        end$.next();
        return NEVER;
      }
      const { failure } = result;
      return failure === undefined ? EMPTY : throwError(() => failure.error);
    };
    const attemptAt: AttemptAt<E> = (event, attempts) =>
      transact(handler.handle, event, attempts).pipe(
        defaultIfEmpty(undefined),
        catchError(endWithError),
        switchMap(toAttempt),
      );
    return use(attemptAt).pipe(takeUntil(end$));
  });
};
