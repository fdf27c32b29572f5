import { EventHandlingError, type LeaseLostError } from '../errors.ts';
import type { HandlerContext } from '../handling/handler.ts';
import type { InFlight } from '../handling/handling-context.ts';
import type { Outcome, Skipped } from '../handling/outcome.ts';
import { ownContext } from '../scheduling/call-context.ts';
import { serializedErrors } from '../store/dead-letter.ts';
import { type Logger, processWarnings, type Reporter, type WarningCode } from '../store/reporting/logger.ts';
import type { WatcherState } from './managed/watcher.ts';
import { isFinal, type RunListener } from './run/run-context.ts';

/** Maximum number of lines of one kind within `PERIOD` milliseconds. */
const LINES = 10;
const PERIOD = 10_000;

/** Kinds of lines, each with a limit of its own. */
type Kind = 'attempt' | 'given up' | 'store' | 'failed' | 'life' | 'lease';

/** Lines of one kind in the current period. */
interface Written {
  readonly since: number;
  lines: number;
  omitted: number;
}

/** Name and message of an error, without its stack. */
function causeOf(error: unknown): string {
  const [cause] = serializedErrors(error);
  return `${cause?.name}: ${cause?.message}`;
}

/**
 * Log lines of one watcher, limited per kind: the first line of the next period says how many were omitted. Nothing here
 * is called for an event that succeeds, and no line holds the object of an event.
 */
export class WatcherLog {
  readonly #id: string;
  readonly #logger: Reporter;
  readonly #now: () => number;
  readonly #written = new Map<Kind, Written>();

  constructor(watcherId: string, logger: Logger | undefined, now: () => number) {
    this.#id = watcherId;
    this.#logger = logger ?? processWarnings;
    this.#now = now;
  }

  /** Reports a failure that the run copes with: the first attempt at an event, a read or a write that is tried again. */
  failure(error: unknown): void {
    if (error instanceof EventHandlingError) {
      if (error.attempts > 1) return;
      this.#warn('attempt', () => `attempt 1 at event ${error.seqNum} failed: ${causeOf(error.cause)}`);
    } else if (!isFinal(error)) {
      // A final one ends the run, and is reported as its failure, or as the loss of its lease.
      this.#warn('store', () => `a call of the store failed: ${causeOf(error)}`);
    }
  }

  /** Reports an event that is given up. */
  givenUp({ seqNum, attempts, error, deadLettered }: Skipped): void {
    const fate = deadLettered ? 'was stored as a dead letter' : 'was skipped';
    const text = () => `event ${seqNum} ${fate} after attempt ${attempts}: ${causeOf(error.cause)}`;
    this.#warn('given up', text, 'RX_WATCHER_EVENT_GIVEN_UP');
  }

  /** Reports that the run has failed. */
  failed(error: unknown): void {
    const line = this.#line('failed', () => `failed: ${causeOf(error)}`);
    if (line !== undefined) this.#logger.error(line, 'RX_WATCHER_FAILED');
  }

  /** Reports the position after which the run starts. */
  started(position: number): void {
    this.#info('life', () => `started after event ${position}`);
  }

  /** Reports a change of state. A failure and a start have lines of their own, which tell more. */
  entered(state: WatcherState, before: WatcherState): void {
    if (state === before) return;
    if (state === 'running' && before === 'paused') this.#info('life', () => 'resumed');
    if (state === 'standby') this.#info('life', () => 'stands by for its lease');
    if (state === 'paused' || state === 'stopped') this.#info('life', () => state);
  }

  /** Reports the end of a run without an error. */
  stopped(): void {
    this.#info('life', () => 'stopped');
  }

  /** Reports that the watcher is removed. */
  removed(): void {
    this.#info('life', () => 'removed; its checkpoint stays in the store');
  }

  /** Reports that the watcher was moved to a position. */
  sought(position: number): void {
    this.#info('life', () => `sought: it goes on after event ${position}`);
  }

  /** Reports that the lease is held from now on. */
  leaseAcquired(token: number): void {
    this.#info('lease', () => `acquired its lease, token ${token}`);
  }

  /** Reports that the lease is no longer held. */
  leaseLost(loss: LeaseLostError): void {
    this.#info('lease', () => `lost its lease: ${causeOf(loss)}`);
  }

  /** Reports that the lease is free for another process. */
  leaseGivenBack(token: number): void {
    this.#info('lease', () => `gave its lease back, token ${token}`);
  }

  #info(kind: Kind, text: () => string): void {
    const line = this.#line(kind, text);
    if (line !== undefined) this.#logger.info(line);
  }

  #warn(kind: Kind, text: () => string, code?: WarningCode): void {
    const line = this.#line(kind, text);
    if (line !== undefined) this.#logger.warn(line, code);
  }

  /** Returns the line to write, or `undefined` if it must be omitted. */
  #line(kind: Kind, text: () => string): string | undefined {
    const now = this.#now();
    const last = this.#written.get(kind);
    if (last !== undefined && now >= last.since && now - last.since < PERIOD) {
      if (last.lines === LINES) {
        last.omitted++;
        return undefined;
      }
      last.lines++;
      return `watcher '${this.#id}': ${text()}`;
    }
    this.#written.set(kind, { since: now, lines: 1, omitted: 0 });
    const omitted = last?.omitted ? ` (${last.omitted} similar lines were omitted before)` : '';
    return `watcher '${this.#id}': ${text()}${omitted}`;
  }
}

/** Monitor of a run that has no stats: it only logs what goes wrong, the start and the end. */
export class LoggingMonitor implements RunListener {
  readonly #log: WatcherLog;
  /** Context of the subscriber: handlers are not called in that of the caller that stores an event. */
  readonly #context = ownContext();
  #isFinished = false;

  constructor(log: WatcherLog) {
    this.#log = log;
  }

  began(position: number): void {
    this.#log.started(position);
  }

  failed(error: unknown): void {
    this.#log.failure(error);
  }

  passed(_through: number, outcome?: Outcome): void {
    if (outcome?.status === 'skipped') this.#log.givenUp(outcome);
  }

  finished(error?: unknown): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (error === undefined) this.#log.stopped();
    else this.#log.failed(error);
  }

  inside<A, R>(attempt: InFlight, call: (argument: A, context: HandlerContext) => R, argument: A): R {
    return this.#context.runInAsyncScope(call, undefined, argument, attempt);
  }

  attemptStarted(): void {}
  attemptEnded(): void {}
  cutOff(): void {}
  retrying(): void {}
  following(): void {}
  listening(): void {}
  read(): void {}
  checkpointed(): void {}
}
