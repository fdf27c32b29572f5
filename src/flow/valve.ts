import { BehaviorSubject, filter, ignoreElements, type Observable, take } from 'rxjs';

/** Something that may be shut for several reasons at once, and is open while there is none. */
export interface Valve {
  /** Whether it is open. */
  readonly isOpen: boolean;
  /** Whether it is open: the present value first, and then each change. */
  readonly isOpen$: Observable<boolean>;
  /** Completes as soon as it is open. */
  readonly opened$: Observable<never>;
  /** Shuts it for a reason; once is enough. */
  shut(reason: string): void;
  /** Takes a reason away. */
  open(reason: string): void;
}

/** Makes a valve, open. */
export function createValve(): Valve {
  const reasons = new Set<string>();
  const isOpen$ = new BehaviorSubject(true);
  const tell = () => {
    const isOpen = reasons.size === 0;
    if (isOpen !== isOpen$.value) isOpen$.next(isOpen);
  };
  return {
    get isOpen() {
      return isOpen$.value;
    },
    isOpen$: isOpen$.asObservable(),
    // As it is, not as it is told: the first one that goes through may have shut it again.
    opened$: isOpen$.pipe(
      filter(() => isOpen$.value),
      take(1),
      ignoreElements(),
    ),
    shut(reason) {
      reasons.add(reason);
      tell();
    },
    open(reason) {
      reasons.delete(reason);
      tell();
    },
  };
}
