import { AsyncLocalStorage } from 'node:async_hooks';
import {
  asyncScheduler,
  BehaviorSubject,
  firstValueFrom,
  lastValueFrom,
  type Observable,
  Subject,
  share,
  take,
  tap,
} from 'rxjs';
import {
  afterSequenceNumber,
  createManager,
  latest,
  trimHorizon,
  type WatcherOptions,
  watch,
} from '../../../index.ts';
import { asLeaseStore, grant } from '../support/held-lease.ts';
import { created } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';

const user = new AsyncLocalStorage<string>();

/** Watchers with different dispatchers: the description and the options of each. */
const HANDLED: readonly (readonly [string, Omit<WatcherOptions, 'handler'>])[] = [
  ['one at a time', {}],
  ['several at a time', { concurrency: 2, keyOf: ({ seqNum }) => String(seqNum) }],
];

export const describeCallingContexts = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a store with callers in several asynchronous contexts', () => {
    /** Opens a store, calls `begin` in the context `watcher`, and stores two events in the context `appender`. */
    const runAndStore = async (begin: (store: Awaited<ReturnType<typeof open>>) => Promise<unknown>) => {
      const store = await open({ scheduler: asyncScheduler });
      const result = user.run('watcher', () => begin(store));
      for (const n of [1, 2]) await user.run('appender', () => store.storeEvent(created(n)));
      return result;
    };
    /** Resolves to the contexts in which an Observable emits its first values and completes. */
    const contextsOf = (source: Observable<unknown>, count: number) => {
      const seen: unknown[] = [];
      const emitted$ = source.pipe(
        tap(() => seen.push(user.getStore())),
        take(count),
      );
      return new Promise<unknown>((resolve, reject) => {
        emitted$.subscribe({ error: reject, complete: () => resolve([...seen, user.getStore()]) });
      });
    };
    const three = Array(3).fill('watcher');

    test('events() and headers() emit in the asynchronous context of the subscriber', async () => {
      const both = await runAndStore((store) =>
        Promise.all([
          contextsOf(store.events(trimHorizon()), 2),
          contextsOf(store.headers(trimHorizon()), 2),
        ]),
      );
      expect(both).toEqual([three, three]);
    });

    test('the page of a long poll is emitted in the asynchronous context of the subscriber', async () => {
      const polled = await runAndStore((store) => contextsOf(store.getEvents({ iterator: latest() }), 1));
      expect(polled).toEqual(['watcher', 'watcher']);
    });

    test('onProgress is called in the asynchronous context of the subscriber of the page', async () => {
      const store = await open({ scheduler: asyncScheduler });
      /**
       * Reads the page after `seqNum`. Resolves to the asynchronous context in which `onProgress` is called, or to
       * `undefined` if the page completes first.
       */
      const waitAfter = (seqNum: number) =>
        new Promise<{ readonly context: unknown } | undefined>((resolve, reject) => {
          const onProgress = () => resolve({ context: user.getStore() });
          const page = {
            iterator: afterSequenceNumber(seqNum),
            filter: { objectTypes: ['Rare'] },
            onProgress,
          };
          store.getEvents(page).subscribe({ complete: () => resolve(undefined), error: reject });
        });
      let progress: { readonly context: unknown } | undefined;
      for (let seqNum = 0; progress === undefined; seqNum++) {
        const waiting = user.run('watcher', () => waitAfter(seqNum));
        // Only a read that already waits at the append calls `onProgress`. An asynchronous engine needs more time for the read,
        // so each round waits longer before the append.
        for (let n = 0; n < seqNum; n++) await firstValueFrom(store.getLatestSeqNum());
        await user.run('appender', () => store.storeEvent(created(1)));
        progress = await waiting;
      }
      expect(progress.context).toBe('watcher');
    });

    test('closed$ and trouble$ emit in the asynchronous context of each subscriber when another caller closes the store', async () => {
      const store = await open({ scheduler: asyncScheduler });
      const ended = user.run('listener', () => [
        contextsOf(store.closed$ as Observable<void>, 1),
        contextsOf(store.trouble$, 1),
      ]);
      await user.run('closer', () => store.close());
      expect(await Promise.all(ended)).toEqual([['listener', 'listener'], ['listener']]);
    });

    test('watchers$ of a manager emits in the asynchronous context of each subscriber when another caller creates a watcher', async () => {
      const manager = createManager(await open());
      const contexts = user.run('listener', () => contextsOf(manager.watchers$, 2));
      user.run('creator', () => manager.create('w'));
      expect(await contexts).toEqual(Array(3).fill('listener'));
    });

    if (supports.leases) {
      test('released$ emits in the asynchronous context of the subscriber when another caller releases a lease', async () => {
        const store = asLeaseStore(await open({ scheduler: asyncScheduler }));
        await grant(store, { token: 1, owner: 'a' });
        const contexts = user.run('listener', () => contextsOf(store.internals.leases.released$, 1));
        await user.run('releaser', () => grant(store, { token: 1 }));
        expect(await contexts).toEqual(['listener', 'listener']);
      });
    }

    test('the Observables of a watcher emit in the asynchronous context of each subscriber', async () => {
      const contexts = await runAndStore(async (store) => {
        const watcher = createManager(store).create('w', { handler: () => undefined });
        const all = user.run('listener', () => [
          contextsOf(watcher.outcomes$, 2),
          contextsOf(watcher.stats$, 3),
          contextsOf(watcher.caughtUp$, 2),
          contextsOf(watcher.whenProcessed(2), 1),
        ]);
        watcher.start();
        return (await Promise.all(all)).flat();
      });
      expect(new Set(contexts as string[])).toEqual(new Set(['listener']));
    });

    test('handlers run in the asynchronous context of start() after another caller has called seek', async () => {
      const store = await open({ scheduler: asyncScheduler });
      await store.storeEvent(created(1));
      const seen: unknown[] = [];
      const watcher = createManager(store).create('w', { handler: () => void seen.push(user.getStore()) });
      user.run('starter', () => watcher.start());
      await firstValueFrom(watcher.whenProcessed(1));

      const repeated = firstValueFrom(watcher.outcomes$);
      await user.run('seeker', () => watcher.seek(afterSequenceNumber(0)));
      await repeated;
      const next = firstValueFrom(watcher.outcomes$);
      await user.run('appender', () => store.storeEvent(created(2)));
      await next;

      expect(seen).toEqual(Array(3).fill('starter'));
    });

    test('handlers run in the asynchronous context of start() after another caller has called resume', async () => {
      const store = await open({ scheduler: asyncScheduler });
      const seen: unknown[] = [];
      const handler = () => void seen.push(user.getStore());
      const pauses$ = new BehaviorSubject(false);
      const watcher = createManager(store).create('m', { handler });
      const outcomes$ = watch(store, 'w', { handler, pauseWhen: pauses$ }).pipe(share());
      const handled = (n: number) =>
        Promise.all([firstValueFrom(watcher.whenProcessed(n)), firstValueFrom(outcomes$)]);
      const running = user.run('starter', () => {
        watcher.start();
        return outcomes$.subscribe();
      });
      const first = handled(1);
      await store.storeEvent(created(1));
      await first;
      watcher.pause();
      pauses$.next(true);
      await store.storeEvent(created(2));
      const second = handled(2);

      user.run('resumer', () => {
        watcher.resume();
        pauses$.next(false);
      });
      await second;
      running.unsubscribe();

      expect(seen).toEqual(Array(4).fill('starter'));
    });

    for (const [name, options] of HANDLED) {
      test(`handlers run in the asynchronous context of start() in each attempt, ${name}`, async () => {
        const seen: unknown[] = [];
        const retries = { retryStrategy: 'block', initialBackoff: 1 } as const;
        /**
         * Creates a handler that fails once. Its second call returns an Observable that ends in another asynchronous
         * context.
         */
        const createHandler = () => {
          let failures = 0;
          const finished = new Subject<void>();
          return () => {
            seen.push(user.getStore());
            if (failures++ === 0) throw new Error('once');
            user.run('finisher', () => setImmediate(() => finished.next()));
            return finished.pipe(take(1));
          };
        };
        await runAndStore(async (store) => {
          const watcher = createManager(store).create('m', {
            ...retries,
            ...options,
            handler: createHandler(),
          });
          watcher.start();
          const outcomes$ = watch(store, 'w', { ...retries, ...options, handler: createHandler() });
          await Promise.all([
            ...[1, 2].map((n) => firstValueFrom(watcher.whenProcessed(n))),
            lastValueFrom(outcomes$.pipe(take(2))),
          ]);
        });
        expect(seen).toEqual(Array(6).fill('watcher'));
      });
    }
  });
