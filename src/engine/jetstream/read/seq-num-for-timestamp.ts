import { EMPTY, expand, last, map, type Observable, of } from 'rxjs';
import type { LogBounds } from '../../contract/event-log.ts';
import { headerText, parseHeader } from '../append/message-format.ts';
import { readMessage, type StreamClient } from '../connection/stream-client.ts';

/** A part of the stream in which the number that is looked for lies; it is `high` if all before are too early. */
interface Part {
  readonly low: number;
  readonly high: number;
}

/** The first number held whose record was appended at this time or later, `latest + 1` if none was: by halving. */
export function seqNumForTimestamp(
  access: StreamClient,
  { oldest, latest }: LogBounds,
  timestamp: number,
): Observable<number> {
  const halve = ({ low, high }: Part): Observable<Part> => {
    const middle = Math.floor((low + high) / 2);
    return readMessage(access, { seq: middle, next_by_subj: `${access.prefix}.>` }).pipe(
      map((message) => {
        // What was deleted out of the middle of the stream has no time: it goes with what comes behind.
        if (message === undefined || message.seq >= high) return { low, high: middle };
        const header = parseHeader(headerText(message.header));
        const time = typeof header === 'string' ? message.time.getTime() : header.timestamp;
        return time >= timestamp ? { low, high: middle } : { low: message.seq + 1, high };
      }),
    );
  };
  return of({ low: oldest, high: latest + 1 }).pipe(
    expand((part) => (part.low < part.high ? halve(part) : EMPTY)),
    last(),
    map(({ low }) => low),
  );
}
