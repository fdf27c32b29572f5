import type { Observable } from 'rxjs';

/** What a run remembers of how far it has come. */
export interface Memory {
  /** Errors if what it writes can never be written. */
  readonly failed$: Observable<never>;
  /** An event is done: everything up to here is written down at once. */
  done(through: number): void;
  /** The filter left events out: everything up to here is written down once in a while. */
  leftOut(through: number): void;
  /** Lets nothing wait any longer. */
  writeNow(): void;
  /** Does that, and completes once nothing is left to write. */
  readonly flushed: Observable<never>;
}
