import { catchError, defer, type Observable, of, takeUntil } from 'rxjs';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { GetEventsResponse, WatcherPageRequest } from '../../store/event-store.ts';
import { isFinal, type RunContext, retryStoreFailure } from './run-context.ts';

/** An error that names the event which cannot be decoded. */
export type Undecodable = DeserializationError & { readonly seqNum: number };

/** A page, which may be cut short before an event that cannot be decoded. */
export type WatchedPage<E extends Event> = GetEventsResponse<E> & { readonly undecodable?: Undecodable };

const isUndecodable = (error: unknown): error is Undecodable =>
  error instanceof DeserializationError && error.seqNum !== undefined;

/** The most events of a page, unless the options say otherwise. */
const PAGE = 100;

/** How many are examined for it where a filter leaves some out: most of what it does is nearly free. */
const EXAMINED = 2000;

/** How to read the next page. */
export interface NextPage {
  /** Where it begins, whenever that is asked. */
  readonly from: () => EventIterator;
  /** The most events that may be given, however many the options allow. */
  readonly room: number;
  /** How long to wait at the tail, in milliseconds; `Infinity` waits without a timer. */
  readonly patience: number;
  /** Is told of what the filter leaves out at the tail; the next page begins behind that. */
  readonly onProgress?: (seqNum: number) => void;
}

/** Reads the next page. Failures to read are retried without end. */
export function readEvents<E extends Event>(
  context: RunContext<E>,
  { from, room, patience, onProgress }: NextPage,
): Observable<WatchedPage<E>> {
  const { store, watcherId, options, listener, ending } = context;
  const { filter, checkpointInterval } = options;
  const { batchSize = filter === undefined ? PAGE : EXAMINED } = options;
  const limit = Math.min(options.batchSize ?? PAGE, room);

  const page = defer((): Observable<WatchedPage<E>> => {
    listener.listening();
    const request: WatcherPageRequest = {
      iterator: from(),
      limit,
      batchSize,
      filter,
      longPollingTimeout: patience,
      onProgress,
      progressInterval: checkpointInterval,
      watcherId,
    };
    return store.getEvents(request);
  });
  return page.pipe(
    takeUntil(ending.set$),
    catchError((error) => {
      if (!isUndecodable(error)) throw error;
      return of({ events: [], nextEventIterator: from(), undecodable: error });
    }),
    retryStoreFailure<WatchedPage<E>>(context, (error) => {
      listener.failed(error);
      return isFinal(error);
    }),
  );
}
