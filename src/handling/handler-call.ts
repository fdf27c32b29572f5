import type { Event } from '../event/event.ts';
import type { BatchHandler, EventHandler, HandlerContext, PlainHandler } from './handler.ts';

/** Handler and argument that all attempts at one event or batch share. */
export interface HandlerCall {
  readonly handler: (argument: never, context: HandlerContext) => unknown;
  /** Event or batch. */
  readonly argument: unknown;
  /** Sequence number of the event, or of the first event of the batch. */
  readonly seqNum: number;
  /** Sequence number of the last event of the call. */
  readonly lastSeqNum: number;
  /**
   * Called with the result of a handler that has succeeded, or with the last value of its Promise or Observable. If this
   * function throws, the attempt has failed.
   */
  readonly onResult?: (result: unknown) => void;
}

export const eventCall = <E extends Event>(handler: EventHandler<E>, event: E): HandlerCall => ({
  handler,
  argument: event,
  seqNum: event.seqNum,
  lastSeqNum: event.seqNum,
});

/** Returns the last handled sequence number of a result; `Infinity` if the result is not a `BatchProgress`. */
const lastHandledOf = (result: unknown): number =>
  typeof result === 'object' && result !== null && 'lastHandledSeqNum' in result
    ? Number(result.lastHandledSeqNum)
    : Number.POSITIVE_INFINITY;

/**
 * Returns the call of a handler with a batch. An attempt fails if the handler reports that it has handled no event.
 *
 * @param onHandled - Called with the last handled sequence number of an attempt that succeeds.
 */
export const batchCall = <E extends Event>(
  handler: BatchHandler<E>,
  events: readonly E[],
  onHandled: (lastHandledSeqNum: number) => void = () => undefined,
): HandlerCall => {
  const { seqNum } = events[0] as E;
  const onResult = (result: unknown) => {
    const lastHandledSeqNum = lastHandledOf(result);
    if (!(lastHandledSeqNum >= seqNum))
      throw new Error(
        `lastHandledSeqNum must be at least ${seqNum}, the first event of the batch; received ${lastHandledSeqNum}`,
      );
    onHandled(lastHandledSeqNum);
  };
  return { handler, argument: events, seqNum, lastSeqNum: (events.at(-1) as E).seqNum, onResult };
};

/** Returns the call of a handler with one event. A batch handler receives the event as a batch of one event. */
export const callOf = <E extends Event>(handler: PlainHandler<E>, event: E): HandlerCall =>
  handler.kind === 'event' ? eventCall(handler.handle, event) : batchCall(handler.handle, [event]);
