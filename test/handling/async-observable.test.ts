import { firstValueFrom, Observable, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/memory.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fillUp } from '../support/watcher/fill.ts';

/** Watches one event with an `async` handler that resolves to `result`. */
const watchOne = (result: Observable<unknown>) => {
  const store = createMemoryStore();
  fillUp(store, 1);
  return watch(store, 'w', { handler: async () => result, retryStrategy: 'skip', maxRetries: 0 });
};

describe('the Observable to which the Promise of an async handler resolves', () => {
  it('an attempt succeeds when the Observable from an async handler completes', async () => {
    const subscribed = new Subject<void>();
    const result = new Subject<void>();
    const statuses: string[] = [];
    const outcome = firstValueFrom(
      watchOne(
        new Observable((subscriber) => {
          subscribed.next();
          return result.subscribe(subscriber);
        }),
      ),
    ).then(({ status }) => statuses.push(status));
    await firstValueFrom(subscribed);
    result.next();
    expect(statuses).toEqual([]);
    result.complete();
    await outcome;
    expect(statuses).toEqual(['handled']);
  });

  it('an attempt fails when the Observable from an async handler errors', async () => {
    const outcome = await firstValueFrom(watchOne(throwError(() => new Error('no'))));
    expect(outcome).toMatchObject({ status: 'skipped', error: { cause: new Error('no') } });
  });

  it('a watcher unsubscribes from the Observable of an async handler when its own subscriber unsubscribes', async () => {
    const subscribed = new Subject<void>();
    const unsubscribed = new Subject<void>();
    const running = watchOne(
      new Observable(() => {
        subscribed.next();
        return () => unsubscribed.complete();
      }),
    ).subscribe();
    await firstValueFrom(subscribed);
    running.unsubscribe();
    expect(unsubscribed.isStopped).toBe(true);
  });
});
