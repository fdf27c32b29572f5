import { ownContext } from '../flow/in-own-context.ts';
import type { HandlerContext } from '../handling/event-handler.ts';
import type { InFlight } from '../handling/handling-monitor.ts';
import type { Outcome } from '../handling/outcome.ts';
import type { RunMonitor } from './run-context.ts';
import type { WatcherLog } from './watcher-log.ts';

/** Monitor of a run that has no stats: it only logs what goes wrong, the start and the end. */
export class LoggingMonitor implements RunMonitor {
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

  attempting(): void {}
  settled(): void {}
  cutOff(): void {}
  retrying(): void {}
  following(): void {}
  listening(): void {}
  read(): void {}
  checkpointed(): void {}
}
