import { map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { HandlerContext } from '../../../src/handling/handler.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../../support/watcher/fill.ts';
import { withStore } from '../../support/watcher/virtual-store.ts';

describe('the context that a watcher passes to its handler', () => {
  it(
    'the context of a handler contains the watcher id and the number of the attempt, which starts at 1 for each event',
    withStore(({ store, cold, flush }) => {
      fill(store, 'Job', 'Job');
      const seen: string[] = [];
      const handler = ({ seqNum }: { seqNum: number }, { attempt, watcherId }: HandlerContext) => {
        seen.push(`${watcherId}: event ${seqNum}, attempt ${attempt}`);
        return attempt < 3 ? cold('#') : cold('-|');
      };
      watch(store, 'mailer', { handler }).subscribe();
      flush();
      expect(seen).toEqual([
        'mailer: event 1, attempt 1',
        'mailer: event 1, attempt 2',
        'mailer: event 1, attempt 3',
        'mailer: event 2, attempt 1',
        'mailer: event 2, attempt 2',
        'mailer: event 2, attempt 3',
      ]);
    }),
  );

  it(
    'the signal in the context of a handler is aborted when the subscriber unsubscribes during the attempt, and not before',
    withStore(({ store, cold, expectObservable, flush, scheduler }) => {
      fill(store, 'Job');
      const unsub = '^----!';
      const seen: string[] = [];
      const handler = (_event: unknown, { signal }: HandlerContext) => {
        seen.push(`aborted at the beginning: ${signal.aborted}`);
        signal.addEventListener('abort', () => seen.push(`aborted at ${scheduler.now()}`));
        return cold('---------|');
      };

      expectObservable(watch(store, 'w', { handler }), unsub).toBe('-');
      flush();
      expect(seen).toEqual(['aborted at the beginning: false', 'aborted at 5']);
    }),
  );

  it(
    'the signal in the context of a handler is aborted even if the handler reads the property only after the unsubscription',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      const unsub = '^----!';
      let lastContext: HandlerContext | undefined;
      const handler = (_event: unknown, context: HandlerContext) => {
        lastContext = context;
        return cold('---------|');
      };

      expectObservable(watch(store, 'w', { handler }), unsub).toBe('-');
      flush();
      expect(lastContext?.signal.aborted).toBe(true);
    }),
  );

  it(
    'each attempt has a separate signal, which is not aborted after the attempt has settled',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job', 'Job', 'Job');
      const unsub = '          ^---------!';
      const signals: AbortSignal[] = [];
      const handler = ({ seqNum }: { seqNum: number }, { signal, attempt }: HandlerContext) => {
        signals.push(signal);
        if (seqNum === 1) return attempt === 1 ? cold('#') : cold('-|');
        return seqNum === 2 ? undefined : cold('---------|');
      };
      const watched = watch(store, 'w', { initialBackoff: 2, handler }).pipe(
        map(({ seqNum }) => `${seqNum}`),
      );

      expectObservable(watched, unsub).toBe('---(12)');
      flush();
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false, true]);
      expect(new Set(signals).size).toBe(4);
    }),
  );

  it(
    'the signal of a settled attempt is not aborted if the subscriber unsubscribes when it receives the outcome',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job', 'Job');
      const signals: AbortSignal[] = [];
      const handler = (_event: unknown, { signal }: HandlerContext) => {
        signals.push(signal);
        return cold('-|');
      };
      const first = watch(store, 'w', { handler }).pipe(
        take(1),
        map(({ seqNum }) => `${seqNum}`),
      );

      expectObservable(first).toBe('-(1|)');
      flush();
      expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    }),
  );
});
