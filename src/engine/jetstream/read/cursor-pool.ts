import { defer, filter, type Observable, of } from 'rxjs';
import { clearTimeout, setTimeout } from '../../../scheduling/clock.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { type Cursor, openCursor } from './cursor.ts';

/** Time after which an idle cursor is destroyed, in milliseconds. */
const IDLE_TIMEOUT = 10_000;

/** Maximum number of idle cursors. If there are more, the cursor that has been idle for the longest time is destroyed. */
const MAX_IDLE = 32;

interface IdleCursor {
  readonly key: string;
  readonly cursor: Cursor;
  readonly timer: NodeJS.Timeout;
}

/** Idle cursors, by subjects and position, for the reader of the next page. */
export interface CursorPool {
  /** Emits a cursor that continues after this sequence number: an idle cursor, which leaves the pool, or a new cursor. */
  acquire(subjects: readonly string[], after: number): Observable<Cursor>;
  /** Puts a cursor into the pool, for the reader of the page after this sequence number. */
  release(cursor: Cursor, after: number): void;
  /** Destroys all idle cursors and every cursor that is released later. */
  end(): Promise<void>;
}

const keyOf = (subjects: readonly string[], after: number): string => `${after} ${subjects.join(' ')}`;

export function createCursorPool(client: StreamClient): CursorPool {
  const idle = new Set<IdleCursor>();
  let isEnded = false;

  const remove = (entry: IdleCursor): Cursor => {
    clearTimeout(entry.timer);
    idle.delete(entry);
    return entry.cursor;
  };
  const clear = async () => {
    await Promise.all([...idle].map((entry) => remove(entry).destroy()));
  };
  // While the connection is lost, the server can delete consumers, so idle cursors are not reused afterwards.
  const interruptions = client.state$
    .pipe(filter((state) => state !== 'connected'))
    .subscribe(() => void clear());

  const release = (cursor: Cursor, after: number) => {
    if (isEnded) {
      void cursor.destroy();
      return;
    }
    const timer = setTimeout(() => void remove(entry).destroy(), IDLE_TIMEOUT).unref();
    const entry: IdleCursor = { key: keyOf(cursor.subjects, after), cursor, timer };
    idle.add(entry);
    const [oldest] = idle;
    if (idle.size > MAX_IDLE && oldest !== undefined) void remove(oldest).destroy();
  };

  return {
    acquire: (subjects, after) =>
      defer(() => {
        const key = keyOf(subjects, after);
        for (const entry of idle) if (entry.key === key) return of(remove(entry));
        return openCursor(client, subjects, after);
      }),
    release,
    async end() {
      isEnded = true;
      interruptions.unsubscribe();
      await clear();
    },
  };
}
