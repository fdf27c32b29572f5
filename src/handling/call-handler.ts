import { defer, type Observable, tap } from 'rxjs';
import { Attempt } from './attempt.ts';
import type { HandlerContext } from './event-handler.ts';
import type { HandlingContext } from './handling-context.ts';

/**
 * Calls a handler once, at subscription; emits what its result does, and completes when it is done.
 *
 * @param attempts - Which attempt it is, from 1.
 * @param through - The last event that it is given.
 */
export const callHandler = (
  { watcherId, monitor }: Pick<HandlingContext, 'watcherId' | 'monitor'>,
  attempts: number,
  through: number,
  call: (context: HandlerContext) => unknown,
): Observable<unknown> =>
  defer(() => {
    const attempt = new Attempt(watcherId, attempts);
    const settled = () => monitor.settled(attempt);
    monitor.attempting(attempt, through);
    // Before anybody hears of it: what follows, the next attempt above all, is no part of this one.
    return attempt.run(call).pipe(tap({ error: settled, complete: settled, unsubscribe: settled }));
  });
