import { Observable, type Subscriber, Subscription, type Unsubscribable } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { handleEvent } from '../../handling/handle-event.ts';
import type { EventHandler } from '../../handling/handler.ts';
import type { HandlingContext } from '../../handling/handling-context.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { ownContext } from '../../scheduling/call-context.ts';
import { nextTurn } from '../../scheduling/event-loop-turn.ts';
import { Fifo } from '../../scheduling/fifo.ts';
import { Semaphore } from '../../scheduling/semaphore.ts';
import { isValues, type Step, type Work } from '../../scheduling/step.ts';
import { LoopTurns } from '../../scheduling/time-slicer.ts';
import type { Dispatcher } from './dispatch.ts';
import type { DeliveryContext } from './run-context.ts';

/** Pending events of one key, in order. It is a list, which costs less than an Observable for each key. */
class KeyQueue<E> extends Fifo<E> {
  readonly key: string;
  /** Work of the event that is being handled. Unsubscribing abandons the event. */
  inFlight: Unsubscribable | undefined;
  readonly #onSlot: (queue: KeyQueue<E>) => void;

  constructor(key: string, onSlot: (queue: KeyQueue<E>) => void) {
    super();
    this.key = key;
    this.#onSlot = onSlot;
  }

  /** Handles the next event. Called when the queue has a slot. */
  start(): void {
    this.#onSlot(this);
  }
}

/**
 * Creates a dispatcher that delivers events of one key in order, and events of different keys concurrently.
 *
 * Each key with pending events has a queue. A queue waits for a slot, handles one event, and waits for a slot again. While
 * an event waits for a retry, its queue has no slot, so that other queues can call their handlers. All queued events count
 * as in flight: when `bufferSize` events are in flight, the dispatcher accepts no more.
 *
 * @param output - Receives the outcomes of all queues.
 */
export function keyed<E extends Event>(
  context: DeliveryContext<E>,
  handler: EventHandler<E>,
  output: Subscriber<Outcome<E>>,
): Dispatcher<E> {
  const { options, scheduler, ending, tracker, ...others } = context;
  const { keyOf, concurrency, bufferSize } = options;
  const slots = new Semaphore(concurrency);
  const turns = new LoopTurns(scheduler);
  const asyncContext = ownContext();
  const leave = () => asyncContext.runInAsyncScope(slots.leave, slots);
  const queues = new Map<string, KeyQueue<E>>();
  /** Event for which `keyOf` has thrown. */
  let keyless: E | undefined;
  /**
   * Set while a step waits. Called when an event has settled or the run ends, so that this step checks its condition again.
   */
  let onAdvance: (() => void) | undefined;

  /**
   * Context of the attempts. A first attempt uses the slot that its queue has. A retry, or an attempt that may not begin
   * yet, waits for a new slot.
   */
  const handling: HandlingContext<E> = {
    watcherId: others.watcherId,
    listener: others.listener,
    options,
    scheduler,
    ending,
    mayBegin: others.mayBegin,
    turn: (attempt) => slots.limit(others.turn(attempt), leave),
    handled: others.handled,
    giveUp: others.giveUp,
    cutOff: others.cutOff,
  };
  const handleKeyless: EventHandler<E> = (event, handlerContext) => {
    keyOf(event);
    return handler(event, handlerContext);
  };

  const advance = (queue: KeyQueue<E>): void => {
    const isDone = queue.isEmpty || ending.isSet;
    queue.inFlight = undefined;
    if (isDone) queues.delete(queue.key);
    onAdvance?.();
    if (!isDone) slots.enter(queue);
  };
  const emit = (outcome: Outcome<E>): void => output.next(outcome);
  const fail = (error: unknown): void => output.error(error);
  const subscribe = (queue: KeyQueue<E>, outcomes: Observable<Outcome<E>>): void => {
    queue.inFlight = outcomes.subscribe({
      next: (outcome) => asyncContext.runInAsyncScope(emit, undefined, outcome),
      error: (error) => asyncContext.runInAsyncScope(fail, undefined, error),
      complete() {
        turns.restartAfterHandler();
        asyncContext.runInAsyncScope(advance, undefined, queue);
      },
    });
  };
  /** Does the work for one event of a queue that has a slot, and frees the slot. */
  const doWork = (queue: KeyQueue<E>, work: Work<Outcome<E>>): void => {
    if (isValues(work)) {
      for (const outcome of work) emit(outcome);
      advance(queue);
      slots.leave();
    } else if (work instanceof Observable) {
      subscribe(queue, work);
      slots.leave();
    } else {
      queue.inFlight = work;
      work.whenEnded((next) => {
        turns.restartAfterHandler();
        asyncContext.runInAsyncScope(doWork, undefined, queue, next);
      });
    }
    // The handler, or a subscriber of an outcome, may have unsubscribed from the run. The attempt in
    // flight must then be aborted, too.
    if (output.closed) queue.inFlight?.unsubscribe();
  };
  const handleNext = (queue: KeyQueue<E>): void => {
    if (!ending.isSet && turns.shouldYield(true)) {
      turns.resumeLater(() => {
        turns.restart();
        asyncContext.runInAsyncScope(handleNext, undefined, queue);
      });
      return;
    }
    const event = ending.isSet ? undefined : queue.shift();
    doWork(queue, event === undefined ? [] : handleEvent(handling, handler, event));
  };
  const enqueue = (event: E, key: string): void => {
    const queue = queues.get(key);
    if (queue !== undefined) {
      queue.push(event);
      return;
    }
    if (queues.size === 0) turns.restart();
    else turns.restartAfterHandler();
    const added = new KeyQueue<E>(key, handleNext);
    added.push(event);
    queues.set(key, added);
    slots.enter(added);
  };

  /**
   * Returns a step that waits until the condition is met, and then does `next`; `undefined` if the condition is already met.
   */
  const until = (isMet: () => boolean, next: Work<never>): Step<never> => {
    if (isMet()) return undefined;
    return {
      whenEnded(onEnd) {
        onAdvance = () => {
          if (!isMet()) return;
          onAdvance = undefined;
          onEnd(ending.isSet ? [] : next);
        };
      },
      unsubscribe() {
        onAdvance = undefined;
      },
    };
  };
  const isIdle = () => queues.size === 0;
  const flush = () => until(isIdle, []);
  const hasRoom = () => tracker.size < bufferSize || ending.isSet;
  /** Waits for the end of the event loop's turn, so that the next read replaces all events that settle in this turn. */
  const endOfTurn = new Observable<never>((subscriber) => nextTurn(scheduler, () => subscriber.complete()));

  // At the end of the run, let a step that waits check its condition again. A queue that waits for a slot ends when an
  // attempt in flight frees its slot.
  output.add(ending.set$.subscribe(() => onAdvance?.()));
  output.add(() => {
    const inFlight = new Subscription();
    for (const queue of queues.values()) inFlight.add(queue.inFlight);
    inFlight.unsubscribe();
  });

  return {
    deliver(event) {
      let key: string;
      try {
        key = keyOf(event);
      } catch {
        keyless = event;
        return [];
      }
      enqueue(event, key);
      return [];
    },
    /**
     * If `keyOf` throws for an event, the key of this event is unknown. Therefore, all earlier events are handled first, and
     * all later events wait. Each attempt at this event calls `keyOf` again, and fails if `keyOf` throws again.
     */
    next() {
      if (keyless === undefined) return until(hasRoom, endOfTurn);
      const wait = flush();
      if (wait !== undefined) return wait;
      const event = keyless;
      keyless = undefined;
      return handleEvent(context, handleKeyless, event);
    },
    flush,
    maxWait: () => Number.POSITIVE_INFINITY,
  };
}
