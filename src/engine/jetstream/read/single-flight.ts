import { defer, finalize, from, type Observable, share, switchMap } from 'rxjs';
import type { LogPage, ReadRequest } from '../../contract/event-log.ts';

type Read = (request: ReadRequest) => Observable<LogPage>;

const keyOf = ({ after, filter, maxScanned, limit, maxBytes }: ReadRequest): string =>
  JSON.stringify([after, filter?.objectTypes, filter?.operations, maxScanned, limit, maxBytes]);

/**
 * Makes one of the same reads that are asked for at the same time: those who follow the tail are woken together, and
 * stand at the same place. It begins behind the code that is running, and nobody joins one that has begun: it might not
 * see what he knows to be stored.
 */
export function singleFlight(read: Read): Read {
  const waiting = new Map<string, Observable<LogPage>>();
  return (request) =>
    defer(() => {
      const key = keyOf(request);
      const present = waiting.get(key);
      if (present !== undefined) return present;
      const forget = () => {
        if (waiting.get(key) === begun) waiting.delete(key);
      };
      const begun = from(Promise.resolve()).pipe(
        switchMap(() => {
          forget();
          return read(request);
        }),
        finalize(forget),
        share(),
      );
      waiting.set(key, begun);
      return begun;
    });
}
