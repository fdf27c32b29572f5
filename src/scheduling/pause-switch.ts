import { BehaviorSubject, filter, ignoreElements, type Observable, take } from 'rxjs';

/**
 * Switch that is paused while there is at least one reason, for example the reasons "pause" and "redrive".
 *
 * The switch is a class, because `isOpen` is read for each event, and V8 optimizes getters of a prototype, but not getters
 * of single objects.
 */
export class PauseSwitch {
  #reasons: readonly string[] = [];
  readonly #isOpen$ = new BehaviorSubject(true);

  /** Emits `isOpen` at subscription, and after each change. */
  readonly isOpen$: Observable<boolean> = this.#isOpen$.asObservable();

  /**
   * Completes when the switch is open. After each emission of `isOpen$`, the current state is read, because an earlier
   * observer may have paused the switch again.
   */
  get resumed$(): Observable<never> {
    return this.#isOpen$.pipe(
      filter(() => this.isOpen),
      take(1),
      ignoreElements(),
    );
  }

  /** Whether deliveries are allowed: there is no reason to pause. */
  get isOpen(): boolean {
    return this.#isOpen$.value;
  }

  isPausedFor(reason: string): boolean {
    return this.#reasons.includes(reason);
  }

  /** Adds a reason to pause. Idempotent. */
  pause(reason: string): void {
    if (!this.isPausedFor(reason)) this.#update([...this.#reasons, reason]);
  }

  /** Removes a reason to pause. Idempotent. */
  resume(reason: string): void {
    this.#update(this.#reasons.filter((other) => other !== reason));
  }

  #update(reasons: readonly string[]): void {
    this.#reasons = reasons;
    const isOpen = reasons.length === 0;
    if (isOpen !== this.isOpen) this.#isOpen$.next(isOpen);
  }
}
