import { defer, type Observable } from 'rxjs';
import { StoreClosedError } from '../errors.ts';
import { inOwnContext } from '../scheduling/call-context.ts';
import { Latch } from '../scheduling/latch.ts';

/** Check that rejects every call of a store after `close`. */
export interface OpenGuard {
  readonly isClosed: () => boolean;
  /** Emits and completes when `close` is called; immediately if the store is already closed. */
  readonly closed$: Observable<void>;
  /**
   * Checks that the store is open.
   *
   * @throws {@link StoreClosedError} if the store is closed.
   */
  readonly assertOpen: () => void;
  /**
   * Returns a cold Observable that calls `assertOpen` and then `read` at each subscription. The Observable emits in the
   * asynchronous context of its subscriber.
   */
  readonly reading: <T>(read: () => Observable<T>) => Observable<T>;
  /** Like `reading`, for an Observable that already emits in the asynchronous context of its subscriber. */
  readonly replaying: <T>(read: () => Observable<T>) => Observable<T>;
  /** Closes the guard and calls `work`. Each later call only returns the Promise of the first call. */
  readonly close: (work: () => Promise<void>) => Promise<void>;
}

export function createOpenGuard(): OpenGuard {
  const closed = new Latch();
  let closing: Promise<void> | undefined;
  const assertOpen = () => {
    if (closed.isSet) throw new StoreClosedError();
  };
  const replaying = <T>(read: () => Observable<T>) =>
    defer(() => {
      assertOpen();
      return read();
    });
  return {
    isClosed: () => closed.isSet,
    closed$: closed.set$,
    assertOpen,
    reading: (read) => inOwnContext(replaying(read)),
    replaying,
    close(work) {
      if (closing === undefined) {
        closed.set();
        closing = work();
      }
      return closing;
    },
  };
}
