import { defer, filter, type Observable, of } from 'rxjs';
import { clearTimeout, setTimeout } from '../../../scheduling/clock.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { type Cursor, openCursor } from './cursor.ts';

/** How long, in milliseconds, a cursor is kept for the next page. */
const KEPT_FOR = 10_000;

/** The most cursors that are kept. */
const MOST_KEPT = 32;

interface Kept {
  readonly place: string;
  readonly cursor: Cursor;
  readonly timer: NodeJS.Timeout;
}

/** Cursors that have ended a page, for those who read the next. */
export interface CursorPool {
  /** Emits a cursor that stands behind this number: one that is kept, or a new one. */
  take(subject: string, after: number): Observable<Cursor>;
  /** Keeps a cursor that has come to stand behind this number. */
  give(cursor: Cursor, after: number): void;
  /** Lets go of all that are kept, and keeps none any more. */
  end(): Promise<void>;
}

const placeOf = (subject: string, after: number): string => `${after} ${subject}`;

/** Makes the pool of a stream. */
export function createCursorPool(access: StreamClient): CursorPool {
  const kept = new Set<Kept>();
  let isOver = false;

  const remove = (one: Kept): Cursor => {
    clearTimeout(one.timer);
    kept.delete(one);
    return one.cursor;
  };
  const clear = async () => {
    await Promise.all([...kept].map((one) => remove(one).destroy()));
  };
  // Behind an interruption the server may have forgotten them.
  const interruptions = access.state$
    .pipe(filter((state) => state !== 'connected'))
    .subscribe(() => void clear());

  const give = (cursor: Cursor, after: number) => {
    if (isOver) {
      void cursor.destroy();
      return;
    }
    const timer = setTimeout(() => void remove(one).destroy(), KEPT_FOR).unref();
    const one: Kept = { place: placeOf(cursor.subject, after), cursor, timer };
    kept.add(one);
    const [oldest] = kept;
    if (kept.size > MOST_KEPT && oldest !== undefined) void remove(oldest).destroy();
  };

  return {
    take: (subject, after) =>
      defer(() => {
        const place = placeOf(subject, after);
        for (const one of kept) if (one.place === place) return of(remove(one));
        return openCursor(access, subject, after);
      }),
    give,
    async end() {
      isOver = true;
      interruptions.unsubscribe();
      await clear();
    },
  };
}
