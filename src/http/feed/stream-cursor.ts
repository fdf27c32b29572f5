/**
 * Start of the first interval that cursors count, in milliseconds since 1970: 9 October 2024, the default of the protocol
 * Durable Streams.
 */
const EPOCH = Date.UTC(2024, 9, 9);

/** Length of an interval that cursors count, in milliseconds: the default of the protocol Durable Streams. */
const INTERVAL = 20_000;

/** Maximum random advance beyond the cursor that the client already has, in intervals, which together last one hour. */
const MAX_JITTER = 3_600_000 / INTERVAL;

/**
 * Returns the cursor of a live response: the number of the current interval. If the client already has this cursor or a
 * later one, the result is after the cursor of the client. Otherwise, a cache could answer the next request with the same
 * response again.
 *
 * @param previous - Cursor of the request.
 * @param now - Current time in milliseconds since 1970.
 */
export function nextCursor(previous: string | undefined, now: number): string {
  const current = Math.floor((now - EPOCH) / INTERVAL);
  const known = previous !== undefined && /^\d{1,15}$/.test(previous) ? Number(previous) : -1;
  if (known < current) return String(current);
  return String(known + 1 + Math.floor(Math.random() * MAX_JITTER));
}

/**
 * Returns a function that returns the cursors of successive events of one response. The cursors never decrease.
 *
 * @param previous - Cursor of the request.
 * @param now - Returns the current time in milliseconds since 1970.
 */
export function createCursor(previous: string | undefined, now: () => number): () => string {
  let last = nextCursor(previous, now());
  return () => {
    const current = nextCursor(undefined, now());
    if (Number(current) > Number(last)) last = current;
    return last;
  };
}
