import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { createManager, type HandleMessage, handleWith, type WatchOptions, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { defer, firstValueFrom, lastValueFrom, NEVER, Observable, of, take, timer, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { thenable } from '../support/thenable.ts';
import { fillUp } from '../support/watcher/fill.ts';
import { onStart, recordMessages } from './recorded-messages.ts';

const NAME = 'rx-watcher:handle';

/** Handles `count` events on a new store, and returns the messages of the channel. */
async function handled(count: number, options: WatchOptions) {
  const published = recordMessages<HandleMessage>(NAME);
  const store = createMemoryStore();
  fillUp(store, count);
  await lastValueFrom(watch(store, 'mailer', options).pipe(take(count)));
  return { store, published, names: published.map(([name]) => name) };
}

const fail = (): never => {
  throw new Error('no');
};

describe('the channel rx-watcher:handle', () => {
  it.each<[string, WatchOptions]>([
    ['returns', { handler: () => undefined }],
    ['returns a Promise', { handler: async () => undefined }],
    ['returns an Observable', { handler: () => timer(0) }],
    ['resolves to an Observable', { handler: async () => of(1) }],
  ])(
    'the channel rx-watcher:handle publishes the call and the end of an attempt that %s',
    async (_title, options) => {
      const { store, published, names } = await handled(1, options);
      expect(names).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
      expect(new Set(published.map(([, message]) => message)).size).toBe(1);
      const [, message] = published[0] as (typeof published)[0];
      expect(message).toMatchObject({ watcherId: 'mailer', attempt: 1, outcome: 'handled' });
      expect(message.events.map(({ seqNum }) => seqNum)).toEqual([1]);
      expect(message.store?.internals).toBe(store.internals);
    },
  );

  it.each<[string, WatchOptions['handler'] & {}]>([
    ['throws', fail],
    ['rejects', async () => fail()],
    ['returns an Observable that errors', () => defer(fail)],
  ])('the channel rx-watcher:handle publishes the error of each attempt that %s', async (_title, handler) => {
    const options = { handler, retryStrategy: 'skip', maxRetries: 1, initialBackoff: 1 } as const;
    const { published, names } = await handled(1, options);
    const attempt = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];
    expect(names).toEqual([...attempt, ...attempt]);
    expect(published.map(([, message]) => message.attempt)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    expect(published[9]?.[1]).toMatchObject({ outcome: 'failed', error: new Error('no') });
  });

  it('the channel rx-watcher:handle publishes the timeout of a handler as the error of the attempt', async () => {
    const options = { handlerTimeout: 1, retryStrategy: 'skip', maxRetries: 0 } as const;
    const { published } = await handled(1, { handler: () => NEVER, ...options });
    expect(published.at(-1)?.[1]).toMatchObject({ outcome: 'failed', error: { code: 'ERR_TIMEOUT' } });
  });

  it('the channel rx-watcher:handle publishes one message for all events of a batch', async () => {
    const { published } = await handled(3, { batchHandler: () => undefined });
    expect(published[0]?.[1].events.map(({ seqNum }) => seqNum)).toEqual([1, 2, 3]);
  });

  it('the channel rx-watcher:handle publishes an attempt as abandoned when the subscriber of the watcher unsubscribes', async () => {
    const published = recordMessages<HandleMessage>(NAME);
    const store = createMemoryStore();
    fillUp(store, 1);
    const running = await new Promise<{ unsubscribe(): void }>((resolve) => {
      const subscription = watch(store, 'w', {
        handler: () => {
          queueMicrotask(() => resolve(subscription));
          return NEVER;
        },
      }).subscribe();
    });
    running.unsubscribe();
    expect(published.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(published.at(-1)?.[1]).toMatchObject({ outcome: 'abandoned' });
    expect(published.at(-1)?.[1]).not.toHaveProperty('error');
  });

  it('the channel rx-watcher:handle publishes the attempts of a redrive with numbers that continue those of the earlier attempts', async () => {
    const store = createMemoryStore();
    fillUp(store, 1);
    const manager = createManager(store);
    let isFailing = true;
    const watcher = manager.create('w', {
      handler: () => (isFailing ? fail() : undefined),
      retryStrategy: 'deadLetter',
      maxRetries: 0,
      autoStart: true,
    });
    await firstValueFrom(watcher.outcomes$);
    isFailing = false;
    const published = recordMessages<HandleMessage>(NAME);
    await manager.redrive('w');
    expect(published[0]?.[1]).toMatchObject({ watcherId: 'w', attempt: 2, outcome: 'handled' });
    expect(published[0]?.[1].store?.internals).toBe(store.internals);
    await manager.stop();
  });

  it('the channel rx-watcher:handle publishes attempts of handleWith, with a message that contains no store', async () => {
    const published = recordMessages<HandleMessage>(NAME);
    const store = createMemoryStore();
    fillUp(store, 1);
    const events = await firstValueFrom(store.getEvents({ iterator: { type: 'trim_horizon' } }));
    await lastValueFrom(of(...events.events).pipe(handleWith(() => undefined)));
    expect(published[0]?.[1]).toMatchObject({ store: undefined, watcherId: 'handleWith' });
  });
});

describe('the context that a subscriber of rx-watcher:handle sets', () => {
  const context = new AsyncLocalStorage<string>();

  /** Creates a handler that calls `read` in each of its steps: synchronously, after `await`, and in its Observable. */
  const readingHandler = (read: (step: string) => void) => async () => {
    read('call');
    await Promise.resolve();
    read('after await');
    return new Observable<void>((subscriber) => {
      read('subscription');
      setTimeout(() => {
        read('timer');
        subscriber.complete();
      });
    });
  };
  const stepsIn = async (): Promise<readonly string[]> => {
    const steps: string[] = [];
    const store = createMemoryStore();
    fillUp(store, 2);
    const handler = readingHandler((step) => steps.push(`${step}: ${context.getStore()}`));
    await lastValueFrom(watch(store, 'w', { handler }).pipe(take(2), toArray()));
    return steps;
  };
  const expected = (value: string) =>
    ['call', 'after await', 'subscription', 'timer'].map((step) => `${step}: ${value}`);

  it('an asynchronous context that a channel subscriber sets by replacing message.within reaches the handler, its continuations and its Observable', async () => {
    let attempts = 0;
    onStart<HandleMessage>(NAME, (message) => {
      const { within } = message;
      const name = `span ${++attempts}`;
      message.within = (work) => context.run(name, () => within(work));
    });
    expect(await stepsIn()).toEqual([...expected('span 1'), ...expected('span 2')]);
  });

  type Register = (resolve: (value: unknown) => void) => void;
  it.each<[string, (register: Register) => unknown]>([
    ['another thenable', thenable],
    ['a Promise with its own then', (then) => Object.assign(Promise.resolve(), thenable(then))],
  ])(
    'an asynchronous context that a channel subscriber sets reaches the Observable to which %s resolves in another context',
    async (_title, thenableOf) => {
      onStart<HandleMessage>(NAME, (message) => {
        const { within } = message;
        message.within = (work) => context.run('span', () => within(work));
      });
      const store = createMemoryStore();
      fillUp(store, 1);
      const steps: unknown[] = [];
      const stream = new Observable<void>((subscriber) => {
        steps.push(context.getStore());
        subscriber.complete();
      });
      const resolveElsewhere: Register = (resolve) =>
        void setImmediate(() => context.run('elsewhere', () => resolve(stream)));
      const handler = () => thenableOf(resolveElsewhere) as never;
      await lastValueFrom(watch(store, 'w', { handler }).pipe(take(1)));
      expect(steps).toEqual(['span']);
    },
  );

  it('an asynchronous context that a channel subscriber binds to the start of attempts reaches the handler, its continuations and its Observable', async () => {
    const { start } = tracingChannel<string, HandleMessage>(NAME);
    start.bindStore(context, ({ events }) => `event ${events[0]?.seqNum}`);
    onTestFinished(() => void start.unbindStore(context));
    expect(await stepsIn()).toEqual([...expected('event 1'), ...expected('event 2')]);
  });
});
