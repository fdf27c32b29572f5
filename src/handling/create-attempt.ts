import { concat, defer, EMPTY, ignoreElements, type Observable, of, tap, throwError } from 'rxjs';
import type { Event } from '../event/event.ts';
import { Attempt, type Call } from './attempt.ts';
import type { AnyHandler, BatchHandler, EventHandler } from './handler.ts';
import type { HandlingContext } from './handling-context.ts';

type AttemptContext = Pick<HandlingContext, 'watcherId' | 'listener'>;

/**
 * Returns an Observable that makes an attempt and completes if the attempt succeeds. The argument is its number, from 1.
 */
export type MakeAttempt = (attempts: number) => Observable<never>;

/** Calls the handler at subscription. Emits the values of an asynchronous result, or the synchronous result. */
const callHandler = <A>(
  { watcherId, listener }: AttemptContext,
  handler: Call<A>,
  argument: A,
  seqNum: number,
  lastSeqNum: number,
  attempts: number,
): Observable<unknown> =>
  defer(() => {
    const attempt = new Attempt(watcherId, seqNum, attempts, listener);
    return attempt.call(handler, argument, lastSeqNum) ? of(attempt.result) : attempt.rest$;
  });

/** Creates attempts at one event. */
export const createEventAttempt =
  <E extends Event>(context: AttemptContext, handler: EventHandler<E>, event: E): MakeAttempt =>
  (attempts) =>
    callHandler(context, handler, event, event.seqNum, event.seqNum, attempts).pipe(ignoreElements());

/** Returns the last handled sequence number of a result; `Infinity` if the result is not a `BatchProgress`. */
const lastHandledOf = (result: unknown): number =>
  typeof result === 'object' && result !== null && 'lastHandledSeqNum' in result
    ? Number(result.lastHandledSeqNum)
    : Number.POSITIVE_INFINITY;

/**
 * Creates attempts at a batch. An attempt fails if the handler reports that it has handled no event.
 *
 * @param onHandled - Called with the last handled sequence number before the attempt completes.
 */
export const createBatchAttempt =
  <E extends Event>(
    context: AttemptContext,
    handler: BatchHandler<E>,
    events: readonly E[],
    onHandled: (lastHandledSeqNum: number) => void = () => undefined,
  ): MakeAttempt =>
  (attempts) => {
    const [first, last] = [events[0] as E, events.at(-1) as E];
    let result: unknown;
    const called = callHandler(context, handler, events, first.seqNum, last.seqNum, attempts).pipe(
      tap((value) => {
        result = value;
      }),
      ignoreElements(),
    );
    const evaluated = defer(() => {
      const lastHandledSeqNum = lastHandledOf(result);
      if (!(lastHandledSeqNum >= first.seqNum))
        return throwError(() => new Error('the batch handler has handled no event of the batch'));
      onHandled(lastHandledSeqNum);
      return EMPTY;
    });
    return concat(called, evaluated);
  };

/** Creates attempts at one event with a handler of either kind. */
export const createAttempt = <E extends Event>(
  context: AttemptContext,
  handler: AnyHandler<E>,
  event: E,
): MakeAttempt =>
  handler.kind === 'event'
    ? createEventAttempt(context, handler.handle, event)
    : createBatchAttempt(context, handler.handle, [event]);
