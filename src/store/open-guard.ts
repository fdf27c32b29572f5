import { defer, type Observable } from 'rxjs';
import { StoreClosedError } from '../errors.ts';
import { inOwnContext } from '../scheduling/call-context.ts';
import { Latch } from '../scheduling/latch.ts';

/** What every method of a store goes through, until it is closed. */
export interface OpenGuard {
  /** Whether it is closed. */
  readonly isClosed: () => boolean;
  /** Emits when it is closed; at once, if it is. */
  readonly closed$: Observable<void>;
  /** Refuses to go on once it is. */
  readonly assertOpen: () => void;
  /** A cold Observable that refuses at its subscription, and emits in the asynchronous context of its subscriber. */
  readonly reading: <T>(read: () => Observable<T>) => Observable<T>;
  /** The same for an Observable that emits in that context by itself. */
  readonly replaying: <T>(read: () => Observable<T>) => Observable<T>;
  /** Closes it: what is to be done then is done once, at once, and waited for by whoever closes it again. */
  readonly close: (work: () => Promise<void>) => Promise<void>;
}

/** Makes a gate, open. */
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
