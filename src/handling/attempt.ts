import type { AsyncResource } from 'node:async_hooks';
import {
  from,
  isObservable,
  Observable,
  type ObservableInput,
  observable,
  type Subscription,
  type Unsubscribable,
} from 'rxjs';
import { TimeoutError } from '../errors.ts';
import { ownContext } from '../scheduling/call-context.ts';
import { HandlePublisher } from './handle-channel.ts';
import type { HandlerCall } from './handler-call.ts';
import type { AttemptContext, InFlight } from './handling-context.ts';

/** Names of methods. RxJS can convert a value to an Observable if it has one of these methods. */
const METHODS = ['then', 'getReader', Symbol.iterator, Symbol.asyncIterator, observable] as const;

/**
 * Returns whether RxJS can convert a value to an Observable.
 *
 * If a handler returns any other value, for example the number that `push` returns, the attempt has succeeded.
 */
const isObservableInput = (value: unknown): value is ObservableInput<unknown> => {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const methods = value as Readonly<Record<PropertyKey, unknown>>;
  return isObservable(value) || METHODS.some((name) => typeof methods[name] === 'function');
};

/** Returns whether a Promise is native, and neither the Promise nor its class overrides `then`. */
const isPlainPromise = (promise: PromiseLike<unknown>): boolean =>
  promise instanceof Promise && promise.then === Promise.prototype.then;

const isPromiseLike = (value: ObservableInput<unknown>): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>>).then === 'function';

/**
 * One call of a handler. The constructor makes this call. The attempt observes the result with plain callbacks, because
 * operators would cost more time than most handlers.
 */
export class Attempt implements InFlight {
  static readonly #start = (attempt: Attempt): void => {
    const publisher = attempt.#publisher;
    if (publisher === undefined) attempt.#callHandler();
    else publisher.call(() => attempt.#callHandler());
  };

  readonly watcherId: string;
  readonly attempt: number;
  readonly #context: AttemptContext;
  readonly #call: HandlerCall;
  readonly #publisher: HandlePublisher | undefined;
  #controller: AbortController | undefined;
  #isAborted = false;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  /** Subscription to a result that is a stream. */
  #stream: Unsubscribable | undefined;
  #timer: Subscription | undefined;
  #onEnd: (() => void) | undefined;

  constructor(context: AttemptContext, call: HandlerCall, attempt: number) {
    this.watcherId = context.watcherId;
    this.attempt = attempt;
    this.#context = context;
    this.#call = call;
    this.#publisher = HandlePublisher.of(context, call, attempt);
    context.listener.attemptStarted(this, call.lastSeqNum);
    context.listener.inside(this, Attempt.#start);
    if (!this.#isEnded && context.options.handlerTimeout < Number.POSITIVE_INFINITY) this.#startTimer();
  }

  get seqNum(): number {
    return this.#call.seqNum;
  }

  /** Abort signal, created at the first access because most handlers do not use it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Whether the attempt has succeeded, failed or been abandoned. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Error of the attempt; `undefined` if it has not failed. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Calls `onEnd` when the attempt has succeeded or failed; immediately if it already has. */
  whenEnded(onEnd: () => void): void {
    if (this.#isEnded) onEnd();
    else this.#onEnd = onEnd;
  }

  /** Completes when the attempt succeeds, and errors when it fails. Unsubscribing earlier abandons the attempt. */
  get ended$(): Observable<never> {
    return new Observable((subscriber) => {
      subscriber.add(() => this.cancel());
      this.whenEnded(() => {
        if (this.#failure === undefined) subscriber.complete();
        else subscriber.error(this.#failure.error);
      });
    });
  }

  /** Aborts the signal. This alone does not end the attempt. */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }

  /** Abandons the attempt, unless it has ended: aborts its signal and ignores its result. */
  cancel(): void {
    if (this.#isEnded) return;
    this.#onEnd = undefined;
    this.#abandon(true);
  }

  #callHandler(): void {
    const { handler, argument } = this.#call;
    try {
      this.#follow(handler(argument as never, this));
    } catch (error) {
      this.#fail(error);
    }
  }

  #follow(result: unknown): void {
    if (result instanceof Promise) this.#await(result);
    else if (!isObservableInput(result)) this.#succeed(result);
    else if (!isObservable(result) && isPromiseLike(result)) this.#await(result);
    else this.#subscribe(result);
  }

  #await(promise: PromiseLike<unknown>): void {
    // A native Promise calls `onValue` in the asynchronous context in which `then` was called, which is the context of the
    // handler. Any other thenable can call `onValue` in another context.
    const handlerContext = isPlainPromise(promise) ? undefined : this.#contextOfHandler();
    const onValue = (value: unknown) => {
      // A faulty thenable can call this function twice.
      if (this.#isEnded || this.#stream !== undefined) return;
      try {
        if (!isObservableInput(value)) this.#succeed(value);
        // The Promise of an `async` handler may resolve to a stream. The subscription to the stream may run code of the
        // handler, and this code needs the context of the handler.
        else this.#subscribeInside(handlerContext ?? this.#contextOfHandler(), value);
      } catch (error) {
        this.#fail(error);
      }
    };
    promise.then(onValue, (error) => this.#fail(error));
  }

  /** Returns the asynchronous context of the handler; `undefined` if no subscriber of the channel can have replaced it. */
  #contextOfHandler(): AsyncResource | undefined {
    return this.#publisher && ownContext();
  }

  #subscribeInside(handlerContext: AsyncResource | undefined, stream: ObservableInput<unknown>): void {
    this.#context.listener.inside(this, () => {
      if (handlerContext === undefined) this.#subscribe(stream);
      else handlerContext.runInAsyncScope(() => this.#subscribe(stream));
    });
  }

  #subscribe(stream: ObservableInput<unknown>): void {
    let last: unknown;
    const observer = {
      next(value: unknown) {
        last = value;
      },
      error: (error: unknown) => this.#fail(error),
      complete: () => this.#succeed(last),
    };
    // Subscribe to an Observable directly: `from` rejects an Observable of another copy of RxJS if the symbols of the copies
    // differ.
    this.#stream = (isObservable(stream) ? stream : from(stream)).subscribe(observer);
    if (this.#isEnded) this.#stream.unsubscribe();
  }

  #startTimer(): void {
    const { scheduler, watcherId, options } = this.#context;
    const what = `the handling of event ${this.seqNum} by watcher '${watcherId}'`;
    const expire = () => {
      this.#failure = { error: new TimeoutError(what, options.handlerTimeout) };
      try {
        this.#abandon(false);
      } catch (error) {
        // The teardown of the stream has thrown. Its error replaces the `TimeoutError`.
        this.#failure = { error };
      }
      this.#onEnd?.();
    };
    this.#timer = scheduler.schedule(expire, options.handlerTimeout);
  }

  #succeed(result: unknown): void {
    if (this.#isEnded) return;
    try {
      this.#call.onResult?.(result);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#end();
  }

  #fail(error: unknown): void {
    if (this.#isEnded) return;
    this.#failure = { error };
    this.#end();
  }

  /** Ends the attempt. Notifies the listener before `onEnd`, because `onEnd` may start the next attempt. */
  #end(): void {
    this.#isEnded = true;
    this.#timer?.unsubscribe();
    this.#publisher?.ended(this.#failure === undefined ? 'handled' : 'failed', this.#failure);
    this.#context.listener.attemptEnded(this);
    this.#onEnd?.();
  }

  /** @param isCutOff - `true` if an unsubscription abandons the attempt, `false` if its timeout does. */
  #abandon(isCutOff: boolean): void {
    this.#isEnded = true;
    this.#timer?.unsubscribe();
    this.abort();
    this.#publisher?.ended(isCutOff ? 'abandoned' : 'failed', this.#failure);
    if (isCutOff) this.#context.listener.cutOff(this);
    this.#context.listener.attemptEnded(this);
    this.#stream?.unsubscribe();
  }
}
