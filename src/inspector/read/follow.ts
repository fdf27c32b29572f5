import { catchError, defer, EMPTY, map, type Observable, of } from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import { afterSequenceNumber, seqNumBefore } from '../../event/event-iterator.ts';
import { lastEventId } from '../../http/feed/query-parameters.ts';
import { clockOf } from '../../scheduling/clock.ts';
import type { WatcherPageRequest } from '../../store/event-store.ts';
import type { InspectorContext } from '../inspector-context.ts';
import { eventStream, eventText, positionText, type TextSource } from '../request/event-stream.ts';
import { FILTER_PARAMETERS, readQuery } from '../request/read-query.ts';
import { toProblem } from '../request/to-problem.ts';
import { readPage, toRow } from './event-rows.ts';

/** Maximum number of events of one read. */
const READ_LIMIT = 100;

/**
 * Maximum time without an event, in milliseconds. After this time, the position is sent, so that no proxy closes the
 * connection. After a lost connection, the client continues at this position, and does not search excluded events again.
 */
const MAX_WAIT = 15_000;

/**
 * Creates the source of the events after an event.
 *
 * @param lastSeen - Sequence number of the event; `undefined` for the last event of the log.
 */
function openSource(
  context: InspectorContext,
  lastSeen: number | undefined,
  eventFilter: WatcherPageRequest['filter'],
): TextSource {
  const { store, redaction, report } = context;
  const clock = clockOf(store.internals.scheduler);
  let position: number | undefined;
  let lastTextTime = clock();
  let hasEnded = false;

  /** Emits the position as text. A client that loses its connection before the first event continues after this position. */
  const begin$ = defer(() => (lastSeen === undefined ? store.getLatestSeqNum() : of(lastSeen))).pipe(
    map((seqNum) => {
      position = seqNum;
      return positionText(seqNum);
    }),
  );
  const readAfter = (seqNum: number): Observable<string> => {
    const request: WatcherPageRequest = {
      iterator: afterSequenceNumber(seqNum),
      limit: READ_LIMIT,
      longPollingTimeout: Math.max(0, lastTextTime + MAX_WAIT - clock()),
      filter: eventFilter,
      // If the request has this function, an append of an event that the filter excludes does not end the wait for matching
      // events.
      onProgress() {},
    };
    return readPage(context, request).pipe(
      map(({ events, next }) => {
        position = seqNumBefore(next);
        const texts = events.map((event) => {
          const row = toRow(context, event);
          return eventText('event', row, row.seqNum);
        });
        const isQuiet = texts.length === 0 && clock() - lastTextTime < MAX_WAIT;
        if (isQuiet) return '';
        lastTextTime = clock();
        return texts.join('') || positionText(position);
      }),
    );
  };
  const next$ = defer(() => {
    if (hasEnded) return EMPTY;
    return position === undefined ? begin$ : readAfter(position);
  }).pipe(
    catchError((error) => {
      const problem = toProblem(error, redaction);
      if (problem === undefined) {
        report(error);
        throw error;
      }
      hasEnded = true;
      return error instanceof StoreClosedError ? EMPTY : of(eventText('problem', problem));
    }),
  );
  return { next$ };
}

/** Returns the response of `GET api/events/follow`: events from `from` on, or from the end of the log on. */
export function followEvents(context: InspectorContext, request: Request): Response {
  const query = readQuery(request, ['from', ...FILTER_PARAMETERS]);
  const eventFilter = query.filter();
  const from = query.whole('from', 1);
  const lastSeen = lastEventId(request) ?? (from === undefined ? undefined : from - 1);
  return eventStream(() => openSource(context, lastSeen, eventFilter), context.store.internals.scheduler);
}
