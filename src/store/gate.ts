import { defer, type Observable } from 'rxjs';
import { StoreClosedError } from '../errors.ts';

/** What every method of a store goes through, until it is closed. */
export interface Gate {
  /** Whether it is closed. */
  readonly isClosed: () => boolean;
  /** Refuses to go on once it is. */
  readonly pass: () => void;
  /** A cold Observable that refuses at its subscription. */
  readonly reading: <T>(read: () => Observable<T>) => Observable<T>;
  /** Closes it: what is to be done then is done once, at once, and waited for by whoever closes it again. */
  readonly close: (work: () => Promise<void>) => Promise<void>;
}

/** Makes a gate, open. */
export function createGate(): Gate {
  let closing: Promise<void> | undefined;
  let closed = false;
  const pass = () => {
    if (closed) throw new StoreClosedError();
  };
  return {
    isClosed: () => closed,
    pass,
    reading: (read) =>
      defer(() => {
        pass();
        return read();
      }),
    close(work) {
      closed = true;
      closing ??= work();
      return closing;
    },
  };
}
