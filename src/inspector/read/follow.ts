import { catchError, defer, filter, map, Observable, of, repeat, take } from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import { afterSequenceNumber, type EventIterator, latest } from '../../event/event-iterator.ts';
import { lastEventId } from '../../http/feed/query-parameters.ts';
import { clockOf } from '../../scheduling/clock.ts';
import { nextTurn } from '../../scheduling/event-loop-turn.ts';
import type { WatcherPageRequest } from '../../store/event-store.ts';
import type { InspectorContext } from '../inspector-context.ts';
import { COMMENT, eventStream, eventText, type TextSource } from '../request/event-stream.ts';
import { FILTER_PARAMETERS, readQuery } from '../request/read-query.ts';
import { toProblem } from '../request/to-problem.ts';
import { readPage, toRow } from './event-rows.ts';

/** Maximum number of events of one read. */
const READ_LIMIT = 100;

/**
 * Maximum time without an event, in milliseconds. After this time, a comment is sent, so that no proxy closes the
 * connection.
 */
const MAX_WAIT = 15_000;

/** Text of a read that has scanned only events that the filter excludes. */
const NOTHING = '';

/** Creates the source of the events from a position on. */
function openSource(
  context: InspectorContext,
  start: EventIterator,
  eventFilter: WatcherPageRequest['filter'],
): TextSource {
  const { scheduler } = context.store.internals;
  const clock = clockOf(scheduler);
  let position = start;
  let lastTextTime = clock();
  let hasEnded = false;
  const readText = (): Observable<string | undefined> => {
    if (hasEnded) return of(undefined);
    const request: WatcherPageRequest = {
      iterator: position,
      limit: READ_LIMIT,
      longPollingTimeout: Math.max(0, lastTextTime + MAX_WAIT - clock()),
      filter: eventFilter,
      // If the request has this function, an append of an event that the filter excludes does not end the wait for matching
      // events.
      onProgress() {},
    };
    return readPage(context, request).pipe(
      map(({ events, next }) => {
        position = next;
        const texts = events.map((event) => {
          const row = toRow(context, event);
          return eventText('event', row, row.seqNum);
        });
        const isQuiet = texts.length === 0 && clock() - lastTextTime < MAX_WAIT;
        if (isQuiet) return NOTHING;
        lastTextTime = clock();
        return texts.join('') || COMMENT;
      }),
      catchError((error) => {
        const problem = toProblem(error, context.redaction);
        if (problem === undefined) {
          context.report(error);
          throw error;
        }
        hasEnded = true;
        return of(error instanceof StoreClosedError ? undefined : eventText('problem', problem));
      }),
    );
  };
  // Each read takes place in a separate turn. In a single turn, synchronous reads of a long part of the log without matching
  // events would block the event loop.
  const turn$ = new Observable<void>((subscriber) => nextTurn(scheduler, () => subscriber.next()));
  const next$ = defer(readText).pipe(
    repeat({ delay: () => turn$ }),
    filter((text) => text !== NOTHING),
    take(1),
    filter((text) => text !== undefined),
  );
  return { next$, end() {} };
}

/** Returns the response of `GET api/events/follow`: events from `from` on, or from the end of the log on. */
export function followEvents(context: InspectorContext, request: Request): Response {
  const query = readQuery(request, ['from', ...FILTER_PARAMETERS]);
  const eventFilter = query.filter();
  const from = query.whole('from', 1);
  const lastSeen = lastEventId(request) ?? (from === undefined ? undefined : from - 1);
  const start = lastSeen === undefined ? latest() : afterSequenceNumber(lastSeen);
  return eventStream(() => openSource(context, start, eventFilter));
}
