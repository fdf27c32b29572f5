import {
  concat,
  concatMap,
  finalize,
  ignoreElements,
  interval,
  type Observable,
  of,
  startWith,
  takeUntil,
  tap,
} from 'rxjs';
import { progressBars } from './progress-bars.ts';
import type { ProgressLine } from './progress-line.ts';
import { progressLines } from './progress-lines.ts';

/**
 * Shows progress, now and then and once more at the end: as bars on a terminal, as plain lines elsewhere.
 *
 * @param progress$ - Emits how things are at subscription.
 * @param end$ - Emits when there is no more to come.
 */
export function showProgress(
  stream: NodeJS.WriteStream,
  progress$: Observable<readonly ProgressLine[]>,
  end$: Observable<unknown>,
): Observable<never> {
  const display = stream.isTTY ? progressBars(stream) : progressLines(stream);
  const ticks$ = interval(display.period).pipe(startWith(-1), takeUntil(end$));
  return concat(ticks$, of(undefined)).pipe(
    concatMap(() => progress$),
    tap((lines) => display.update(lines)),
    ignoreElements(),
    finalize(() => display.end()),
  );
}
