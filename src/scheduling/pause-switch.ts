import { BehaviorSubject, filter, ignoreElements, type Observable, take } from 'rxjs';

/**
 * Something that may be shut for several reasons at once, and is open while there is none.
 *
 * A class because each event asks: V8 looks a getter up in each object anew, unless it is a prototype's.
 */
export class PauseSwitch {
  readonly #reasons = new Set<string>();
  readonly #isOpen$ = new BehaviorSubject(true);

  /** Whether it is open: the present value first, and then each change. */
  readonly isOpen$: Observable<boolean> = this.#isOpen$.asObservable();

  /** Completes as soon as it is open: as it is, not as it is told, for the first one that goes through may have shut it. */
  readonly resumed$: Observable<never> = this.#isOpen$.pipe(
    filter(() => this.isOpen),
    take(1),
    ignoreElements(),
  );

  /** Whether it is open. */
  get isOpen(): boolean {
    return this.#isOpen$.value;
  }

  /** Whether it is shut for a reason. */
  isPausedFor(reason: string): boolean {
    return this.#reasons.has(reason);
  }

  /** Shuts it for a reason; once is enough. */
  pause(reason: string): void {
    this.#reasons.add(reason);
    this.#tell();
  }

  /** Takes a reason away. */
  resume(reason: string): void {
    this.#reasons.delete(reason);
    this.#tell();
  }

  #tell(): void {
    const isOpen = this.#reasons.size === 0;
    if (isOpen !== this.isOpen) this.#isOpen$.next(isOpen);
  }
}
