import type { EventHandlingError } from '../errors.ts';
import type { HandlerContext } from './event-handler.ts';

/** A call of a handler that has not come to its end. */
export interface InFlight extends HandlerContext {
  /** The event that is handled; of several, the first. */
  readonly seqNum: number;
  /** Tells the handler that nobody waits for it any more. */
  abort(): void;
}

/** Who is told how the handling of events goes, as it goes. */
export interface HandlingMonitor {
  /** Calls the handler, in such a way that it can be told who called from inside it. */
  inside<A, R>(attempt: InFlight, call: (argument: A, context: HandlerContext) => R, argument: A): R;
  /** The handler is called, for events up to this number. */
  attempting(attempt: InFlight, through: number): void;
  /** The call has come to its end, whichever. */
  settled(attempt: InFlight): void;
  /** The call is abandoned before its end. */
  cutOff(attempt: InFlight): void;
  /** An attempt has failed. */
  failed(error: EventHandlingError): void;
  /** An attempt is made again. */
  retrying(): void;
}

/** Nobody is told. */
export const unmonitored: HandlingMonitor = {
  inside: (attempt, call, argument) => call(argument, attempt),
  attempting() {},
  settled() {},
  cutOff() {},
  failed() {},
  retrying() {},
};
