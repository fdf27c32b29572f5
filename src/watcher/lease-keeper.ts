import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  type Observable,
  of,
  ReplaySubject,
  repeat,
  retry,
  share,
  switchMap,
  tap,
} from 'rxjs';
import { StoreClosedError } from '../errors.ts';
import { backgroundTimer } from '../flow/background-timer.ts';
import type { LeaseParts } from './lease-options.ts';
import { standBy } from './stand-by.ts';
import type { Tenure } from './tenure.ts';

/** How much of the duration passes before it tries again when the store failed. */
const RETRIES = 3;

/** The lease of one watcher, which is held as long as somebody wants it. */
export interface LeaseKeeper {
  /**
   * Emits the tenure while it has the lease, and `undefined` while it has not: the present one first, as soon as that is
   * decided. It holds, or waits for, the lease while it is subscribed to by anybody; then it gives it back.
   */
  readonly tenures$: Observable<Tenure | undefined>;
  /** Completes when what was given back last is given back. */
  readonly givenBack$: Observable<never>;
}

/** Makes the keeper of a lease. */
export function createLeaseKeeper(parts: LeaseParts): LeaseKeeper {
  const { duration, scheduler, onFailure, log } = parts;
  let present: Tenure | undefined;
  let ownRevision = 0;
  let givenBack$: Observable<never> = EMPTY;

  const giveBack = () => {
    const last = present;
    present = undefined;
    if (last === undefined) return;
    const done$ = new AsyncSubject<never>();
    givenBack$ = done$;
    last.giveBack$
      .pipe(
        catchError((error) => {
          // It is over by itself then, a little later.
          if (!(error instanceof StoreClosedError)) onFailure(error);
          return EMPTY;
        }),
        tap(() => log.leaseGivenBack(last.token)),
        ignoreElements(),
      )
      .subscribe(done$);
  };
  const hold = (tenure: Tenure): Observable<Tenure | undefined> => {
    present = tenure;
    log.leaseAcquired(tenure.token);
    const kept = tenure.keep$.pipe(
      catchError((loss) => {
        present = undefined;
        ownRevision = tenure.revision;
        onFailure(loss);
        log.leaseLost(loss);
        return of(undefined);
      }),
    );
    return concat(of(tenure), kept);
  };
  const again = retry<Tenure | undefined>({
    delay(error) {
      onFailure(error);
      return backgroundTimer(duration / RETRIES, scheduler);
    },
  });
  const tenures$ = defer(() => concat(givenBack$, standBy(parts, ownRevision))).pipe(
    again,
    switchMap((tenure) => (tenure === undefined ? of(undefined) : hold(tenure))),
    repeat(),
    finalize(giveBack),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return { tenures$, givenBack$: defer(() => givenBack$) };
}
