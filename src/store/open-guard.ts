import { defer, type Observable } from 'rxjs';
import { StoreClosedError } from '../errors.ts';
import { inOwnContext } from '../scheduling/call-context.ts';
import { Signal } from '../scheduling/latch.ts';

/** What every method of a store goes through, until it is closed. */
export interface Gate {
  /** Whether it is closed. */
  readonly isClosed: () => boolean;
  /** Emits when it is closed; at once, if it is. */
  readonly closed$: Observable<void>;
  /** Refuses to go on once it is. */
  readonly pass: () => void;
  /** A cold Observable that refuses at its subscription, and emits in the asynchronous context of its subscriber. */
  readonly reading: <T>(read: () => Observable<T>) => Observable<T>;
  /** The same for an Observable that emits in that context by itself. */
  readonly replaying: <T>(read: () => Observable<T>) => Observable<T>;
  /** Closes it: what is to be done then is done once, at once, and waited for by whoever closes it again. */
  readonly close: (work: () => Promise<void>) => Promise<void>;
}

/** Makes a gate, open. */
export function createGate(): Gate {
  const closed = new Signal();
  let closing: Promise<void> | undefined;
  const pass = () => {
    if (closed.isGiven) throw new StoreClosedError();
  };
  const replaying = <T>(read: () => Observable<T>) =>
    defer(() => {
      pass();
      return read();
    });
  return {
    isClosed: () => closed.isGiven,
    closed$: closed.given$,
    pass,
    reading: (read) => inOwnContext(replaying(read)),
    replaying,
    close(work) {
      if (closing === undefined) {
        closed.give();
        closing = work();
      }
      return closing;
    },
  };
}
