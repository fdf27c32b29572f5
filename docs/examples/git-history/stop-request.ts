import { fromEvent, map, merge, type Observable, ReplaySubject, take } from 'rxjs';

/**
 * Emits once, to late subscribers too, when the user wants the demo to stop: Ctrl-C, a `kill`, a terminal that is
 * closed, a pipe that nobody reads any more.
 *
 * From the call on these no longer end the process. The listeners stay: npm sends a second SIGINT right behind the
 * terminal's, and that must not cut short what the first has begun.
 */
export function stopRequest(): Observable<'stopped'> {
  const requested$ = new ReplaySubject<'stopped'>(1);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => fromEvent(process, signal));
  merge(...signals, fromEvent(process.stdout, 'error'))
    .pipe(map(() => 'stopped' as const))
    .subscribe(requested$);
  return requested$.pipe(take(1));
}
