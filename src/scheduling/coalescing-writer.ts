import {
  asyncScheduler,
  defer,
  EMPTY,
  from,
  type ObservableInput,
  type SchedulerLike,
  Subject,
  type Subscription,
} from 'rxjs';
import { clockOf } from './clock.ts';

/** Writes one number, the result of `newest`. A retry calls `newest` again and may get a higher number. */
export type WriteProgress = (newest: () => number) => ObservableInput<unknown>;

/** Maximum delay of a write, and the scheduler of its timer. */
export interface Debounce {
  /** Maximum delay, in milliseconds. */
  readonly debounceMs: number;
  /** Clock and timers of the delay. */
  readonly scheduler: SchedulerLike;
}

/**
 * Writes increasing numbers, one write at a time. While a write is in flight, a newer number replaces the number that waits
 * for the next write.
 */
export class CoalescingWriter {
  readonly #write: WriteProgress;
  readonly #debounce: Debounce;
  readonly #failed$ = new Subject<never>();
  /** Completes when no write is pending or in flight. Created for the first subscriber. */
  #idle$: Subject<never> | undefined;
  #isIdle = true;
  #pending: number | undefined;
  #inFlight = 0;
  #highest = 0;
  #timer: Subscription | undefined;
  /**
   * Time of the last debounced write, in milliseconds by the clock of the scheduler. `Infinity` before the first debounced
   * write, which is therefore always delayed.
   */
  #writtenAt = Number.POSITIVE_INFINITY;

  /** Errors if a write fails. Never emits. */
  readonly failed$ = this.#failed$.asObservable();

  /** Calls `writeNow` at subscription, and completes when no write is pending or in flight. */
  readonly flushed = defer(() => {
    this.writeNow();
    if (this.#isIdle) return EMPTY;
    this.#idle$ ??= new Subject();
    return this.#idle$;
  });

  /**
   * @param write - Writes one number. The writer subscribes to the result immediately.
   * @param debounce - Maximum delay of `writeDebounced`, and its scheduler. The default delay is 0.
   */
  constructor(write: WriteProgress, debounce: Debounce = { debounceMs: 0, scheduler: asyncScheduler }) {
    this.#write = write;
    this.#debounce = debounce;
  }

  /** Writes a number now, or after the write in flight. Ignores a number that is not higher than all previous ones. */
  write(seqNum: number | undefined): void {
    if (this.#advance(seqNum)) this.writeNow();
  }

  /** Writes a number like `write`, but may delay the write so that it includes later numbers. */
  writeDebounced(seqNum: number): void {
    if (!this.#advance(seqNum) || this.#timer !== undefined) return;
    const { debounceMs, scheduler } = this.#debounce;
    const clock = clockOf(scheduler);
    const write = () => {
      this.#writtenAt = clock();
      this.writeNow();
    };
    // If numbers arrive rarely, write immediately: a timer would delay the write without combining several numbers.
    if (clock() - this.#writtenAt >= debounceMs / 2) write();
    else this.#timer = scheduler.schedule(write, debounceMs);
  }

  /** Writes a pending number immediately instead of after its delay. A write in flight ends first. */
  writeNow(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    if (this.#pending === undefined || !this.#isIdle) return;
    this.#isIdle = false;
    this.#writeNewest();
  }

  /** Makes the number pending if it is higher than all previous numbers. Returns whether the number is now pending. */
  #advance(seqNum = 0): boolean {
    if (seqNum <= this.#highest) return false;
    this.#highest = seqNum;
    this.#pending = seqNum;
    return true;
  }

  #newest(): number {
    this.#inFlight = this.#pending ?? this.#inFlight;
    this.#pending = undefined;
    return this.#inFlight;
  }

  #writeNewest(): void {
    if (this.#pending === undefined) {
      const idle$ = this.#idle$;
      this.#isIdle = true;
      this.#idle$ = undefined;
      idle$?.complete();
      return;
    }
    from(this.#write(() => this.#newest())).subscribe({
      error: (error) => this.#failed$.error(error),
      complete: () => this.#writeNewest(),
    });
  }
}
