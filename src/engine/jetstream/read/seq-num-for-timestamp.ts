import { EMPTY, expand, last, map, type Observable, of } from 'rxjs';
import type { LogBounds } from '../../contract/event-log.ts';
import { headerText, parseHeader } from '../append/message-format.ts';
import { readMessage, type StreamClient } from '../connection/stream-client.ts';

/** Range of sequence numbers that contains the result. The result is `high` if all records before `high` are too early. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Emits the first sequence number with this timestamp or a later one; `latest + 1` if there is no such number. Searches by
 * bisection.
 */
export function seqNumForTimestamp(
  client: StreamClient,
  { oldest, latest }: LogBounds,
  timestamp: number,
): Observable<number> {
  const halve = ({ low, high }: Range): Observable<Range> => {
    const middle = Math.floor((low + high) / 2);
    return readMessage(client, { seq: middle, next_by_subj: `${client.prefix}.>` }).pipe(
      map((message) => {
        // If the message at `middle` was deleted, the server returns the next existing message, which can be after the range.
        if (message === undefined || message.seq >= high) return { low, high: middle };
        const header = parseHeader(headerText(message.header));
        const time = typeof header === 'string' ? message.time.getTime() : header.timestamp;
        return time >= timestamp ? { low, high: middle } : { low: message.seq + 1, high };
      }),
    );
  };
  return of({ low: oldest, high: latest + 1 }).pipe(
    expand((range) => (range.low < range.high ? halve(range) : EMPTY)),
    last(),
    map(({ low }) => low),
  );
}
