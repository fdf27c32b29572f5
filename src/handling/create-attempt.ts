import { concat, defer, EMPTY, ignoreElements, type Observable, of, tap, throwError } from 'rxjs';
import type { Event } from '../event/event.ts';
import { Attempt, type Call } from './attempt.ts';
import type { AnyHandler, BatchHandler, EventHandler } from './handler.ts';
import type { HandlingContext } from './handling-context.ts';

/** What an attempt needs of the context. */
type AttemptContext = Pick<HandlingContext, 'watcherId' | 'listener'>;

/** Makes one attempt, given its number from 1; completes when the handler is done. */
export type MakeAttempt = (attempts: number) => Observable<never>;

/** Calls the handler at subscription, and emits what its result does; one that is done emits what it returned. */
const attemptBy = <A>(
  { watcherId, listener }: AttemptContext,
  handler: Call<A>,
  argument: A,
  seqNum: number,
  through: number,
  attempts: number,
): Observable<unknown> =>
  defer(() => {
    const attempt = new Attempt(watcherId, seqNum, attempts, listener);
    return attempt.call(handler, argument, through) ? of(attempt.result) : attempt.rest$;
  });

/** Hands one event over. */
export const createEventAttempt =
  <E extends Event>(context: AttemptContext, handler: EventHandler<E>, event: E): MakeAttempt =>
  (attempts) =>
    attemptBy(context, handler, event, event.seqNum, event.seqNum, attempts).pipe(ignoreElements());

/** How far a handler says that it came: all the way, if it does not say. */
const reachedBy = (result: unknown): number =>
  typeof result === 'object' && result !== null && 'lastHandledSeqNum' in result
    ? Number(result.lastHandledSeqNum)
    : Number.POSITIVE_INFINITY;

/** Hands several events over; fails if the handler handles none of them. */
export const createBatchAttempt =
  <E extends Event>(
    context: AttemptContext,
    handler: BatchHandler<E>,
    events: readonly E[],
    tell: (lastHandledSeqNum: number) => void = () => undefined,
  ): MakeAttempt =>
  (attempts) => {
    const [first, last] = [events[0] as E, events.at(-1) as E];
    let result: unknown;
    const called = attemptBy(context, handler, events, first.seqNum, last.seqNum, attempts).pipe(
      tap((value) => {
        result = value;
      }),
      ignoreElements(),
    );
    const judged = defer(() => {
      const through = reachedBy(result);
      if (!(through >= first.seqNum))
        return throwError(() => new Error('the batch handler handled none of it'));
      tell(through);
      return EMPTY;
    });
    return concat(called, judged);
  };

/** Hands one event over to a handler of either kind. */
export const createAttempt = <E extends Event>(
  context: AttemptContext,
  handler: AnyHandler<E>,
  event: E,
): MakeAttempt =>
  handler.kind === 'event'
    ? createEventAttempt(context, handler.handle, event)
    : createBatchAttempt(context, handler.handle, [event]);
