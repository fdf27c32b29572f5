import { EventHandlingError, type LeaseLostError } from '../errors.ts';
import type { InFlight } from '../handling/handling-context.ts';
import type { Outcome, Skipped } from '../handling/outcome.ts';
import { RETRY_DEFAULTS, type ResolvedRetryOptions } from '../handling/retry-options.ts';
import { backoff } from '../scheduling/backoff.ts';
import { ownContext } from '../scheduling/call-context.ts';
import { serializedErrors } from '../store/dead-letter.ts';
import type { WatcherState } from '../store/monitoring/watcher-state.ts';
import { type Logger, processWarnings, type Reporter, type WarningCode } from '../store/reporting/logger.ts';
import { isPermanent, type RunListener } from './run/run-context.ts';

/** Maximum number of lines of one kind per `PERIOD` milliseconds. */
const LINES = 10;
const PERIOD = 10_000;

/** Kinds of lines. The limit applies to each kind separately. */
type Kind = 'attempt' | 'given up' | 'store' | 'failed' | 'state' | 'lease';

/** Start of the current period of one kind, and its numbers of written and omitted lines. */
interface Period {
  readonly since: number;
  lines: number;
  omitted: number;
}

/** Returns the name and the message of an error, without its stack. */
function summaryOf(error: unknown): string {
  const [cause] = serializedErrors(error);
  return `${cause?.name}: ${cause?.message}`;
}

/**
 * Returns the warning that an event will be retried without a limit; `undefined` if the strategy gives events up or is a
 * function.
 */
function endlessRetries(options: ResolvedRetryOptions<never>): string | undefined {
  const { retryStrategy, maxRetries, retryIf, jitter } = options;
  if (typeof retryStrategy === 'function') return undefined;
  if (retryStrategy !== 'block' && maxRetries !== Number.POSITIVE_INFINITY) return undefined;
  const time = `${jitter ? 'within' : 'in'} ${backoff(1, { ...options, jitter: false })} ms`;
  const condition = retryIf === RETRY_DEFAULTS.retryIf ? '' : ', if retryIf accepts the error';
  return `the next attempt follows ${time}${condition}; '${retryStrategy}' retries without a limit`;
}

/**
 * Log lines of one watcher. The number of lines is limited per kind and period; the first line of the next period contains
 * the number of omitted lines. Events that succeed are not logged, and no line contains the object of an event.
 */
export class WatcherLog {
  readonly #id: string;
  readonly #logger: Reporter;
  readonly #options: ResolvedRetryOptions<never>;
  readonly #now: () => number;
  readonly #periods = new Map<Kind, Period>();

  constructor(
    watcherId: string,
    logger: Logger | undefined,
    options: ResolvedRetryOptions<never>,
    now: () => number,
  ) {
    this.#id = watcherId;
    this.#logger = logger ?? processWarnings;
    this.#options = options;
    this.#now = now;
  }

  /**
   * Logs the first failed attempt at an event, or a failed call of the store. Later attempts at the event are not logged.
   */
  failure(error: unknown): void {
    if (error instanceof EventHandlingError) {
      if (error.attempts === 1) this.#attemptFailed(error);
    } else if (!isPermanent(error)) {
      // A permanent error is not logged here, because it ends the run. The end is logged as a failure or as a lost lease.
      const text = () => `a call of the store failed and is repeated: ${summaryOf(error)}`;
      this.#warn('store', text, 'RX_WATCHER_STORE_CALL_FAILED');
    }
  }

  givenUp({ seqNum, attempts, error, deadLettered }: Skipped): void {
    const result = deadLettered ? 'was stored as a dead letter' : 'was skipped';
    const text = () => `event ${seqNum} ${result} after attempt ${attempts}: ${summaryOf(error.cause)}`;
    this.#warn('given up', text, 'RX_WATCHER_EVENT_GIVEN_UP');
  }

  /** Logs the error that has ended the run. Failures that are retried are logged by `failure`. */
  failed(error: unknown): void {
    const line = this.#line('failed', () => `failed: ${summaryOf(error)}`);
    if (line !== undefined) this.#logger.error(line, 'RX_WATCHER_FAILED');
  }

  /** Logs the start of a run, with the number of the event after which it starts. */
  started(position: number): void {
    this.#info('state', () => `started after event ${position}`);
  }

  /** Logs a change of state. Starts and failures are logged by `started` and `failed`. */
  entered(state: WatcherState, before: WatcherState): void {
    if (state === before) return;
    if (state === 'running' && before === 'paused') this.#info('state', () => 'resumed');
    if (state === 'standby') this.#info('state', () => 'standby: waits for its lease');
    if (state === 'paused' || state === 'stopped') this.#info('state', () => state);
  }

  /** Logs that a run has ended without an error. */
  stopped(): void {
    this.#info('state', () => 'stopped');
  }

  removed(): void {
    this.#info('state', () => 'removed; its checkpoint stays in the store');
  }

  /** Logs a seek to a position. */
  moved(position: number): void {
    this.#info('state', () => `seek: continues after event ${position}`);
  }

  /** Logs the acquisition of the lease with its fencing token. */
  leaseAcquired(token: number): void {
    this.#info('lease', () => `acquired its lease, token ${token}`);
  }

  leaseLost(loss: LeaseLostError): void {
    this.#info('lease', () => `lost its lease: ${summaryOf(loss)}`);
  }

  /** Logs that this watcher runs without a lease although another process holds the lease of its id. */
  leaseIgnored(owner: string): void {
    const text = () =>
      `runs without a lease, but '${owner}' holds the lease of this id, or crashed while holding it; if both run, both handle every event: use createManager(store, { lease: true }) in each process`;
    this.#warn('lease', text, 'RX_WATCHER_LEASE_IGNORED');
  }

  /** Logs the release of the lease with its fencing token. */
  leaseReleased(token: number): void {
    this.#info('lease', () => `released its lease, token ${token}`);
  }

  #attemptFailed({ seqNum, cause }: EventHandlingError): void {
    const text = () => `attempt 1 at event ${seqNum} failed: ${summaryOf(cause)}`;
    const retries = endlessRetries(this.#options);
    if (retries === undefined) this.#warn('attempt', text);
    else this.#warn('attempt', () => `${text()}; ${retries}`, 'RX_WATCHER_BLOCKED_BY_EVENT');
  }

  #info(kind: Kind, text: () => string): void {
    const line = this.#line(kind, text);
    if (line !== undefined) this.#logger.info(line);
  }

  #warn(kind: Kind, text: () => string, code?: WarningCode): void {
    const line = this.#line(kind, text);
    if (line !== undefined) this.#logger.warn(line, code);
  }

  /** Returns the line to log; `undefined` if this period already has `LINES` lines of this kind. */
  #line(kind: Kind, text: () => string): string | undefined {
    const now = this.#now();
    const last = this.#periods.get(kind);
    if (last !== undefined && now >= last.since && now - last.since < PERIOD) {
      if (last.lines === LINES) {
        last.omitted++;
        return undefined;
      }
      last.lines++;
      return `watcher '${this.#id}': ${text()}`;
    }
    this.#periods.set(kind, { since: now, lines: 1, omitted: 0 });
    const omitted = last?.omitted ? ` (${last.omitted} similar lines were omitted before)` : '';
    return `watcher '${this.#id}': ${text()}${omitted}`;
  }
}

/** Listener of a run without statistics. It logs the failures, the start and the end of the run. */
export class LoggingListener implements RunListener {
  readonly #log: WatcherLog;
  /**
   * Asynchronous context of the subscriber. The handler is called in this context, and not in the context of the caller that
   * stores an event.
   */
  readonly #context = ownContext();
  #isFinished = false;

  constructor(log: WatcherLog) {
    this.#log = log;
  }

  started(position: number): void {
    this.#log.started(position);
  }

  failed(error: unknown): void {
    this.#log.failure(error);
  }

  progressed(_ackFloor: number, outcome?: Outcome): void {
    if (outcome?.status === 'skipped') this.#log.givenUp(outcome);
  }

  finished(error?: unknown): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (error === undefined) this.#log.stopped();
    else this.#log.failed(error);
  }

  inside<A extends InFlight>(attempt: A, work: (attempt: A) => void): void {
    this.#context.runInAsyncScope(work, undefined, attempt);
  }

  attemptStarted(): void {}
  attemptEnded(): void {}
  cutOff(): void {}
  retrying(): void {}
  tracking(): void {}
  reading(): void {}
  pageRead(): void {}
  checkpointStored(): void {}
}
