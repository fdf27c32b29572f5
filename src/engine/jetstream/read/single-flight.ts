import { defer, finalize, from, type Observable, share, switchMap } from 'rxjs';
import type { LogPage, ReadRequest } from '../../contract/event-log.ts';

type Read = (request: ReadRequest) => Observable<LogPage>;

const keyOf = ({ after, filter, maxScanned, limit, maxBytes }: ReadRequest): string => {
  const { objectTypes, operations, keys, partition } = filter ?? {};
  const conditions = [objectTypes, operations, keys, partition?.index, partition?.count];
  return JSON.stringify([after, ...conditions, maxScanned, limit, maxBytes]);
};

/**
 * Combines equal reads. They are frequent: all readers at the tail of the log wake together at the same position.
 * The combined read starts in a microtask, for all readers that have subscribed until then. A later reader does not join a
 * started read, because that read can miss an event that was stored before the later reader subscribed.
 */
export function singleFlight(read: Read): Read {
  const waiting = new Map<string, Observable<LogPage>>();
  return (request) =>
    defer(() => {
      const key = keyOf(request);
      const shared = waiting.get(key);
      if (shared !== undefined) return shared;
      const remove = () => {
        if (waiting.get(key) === combined) waiting.delete(key);
      };
      const combined = from(Promise.resolve()).pipe(
        switchMap(() => {
          remove();
          return read(request);
        }),
        finalize(remove),
        share(),
      );
      waiting.set(key, combined);
      return combined;
    });
}
