import { createHook } from 'node:async_hooks';
import type { RootDatabase } from 'lmdb';
import { firstValueFrom, ReplaySubject, type Subscription, skip, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watchDataFile } from '../../../../src/engine/lmdb/notify/watch-data-file.ts';
import { testEnv } from '../../../support/lmdb/test-store.ts';

/** Native part of a file watch of Node.js, to which the system reports its errors. */
interface FileWatchHandle {
  onchange(status: number, event: string, path: string | null): void;
}

const EIO = -5;

describe('watchDataFile after the operating system has ended its file watch', () => {
  let env: RootDatabase;
  let handles: FileWatchHandle[];
  let emissions$: ReplaySubject<void>;
  let running: Subscription;
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'FSEVENTWRAP') handles.push(resource as FileWatchHandle);
    },
  });
  const loseWatch = () => handles.at(-1)?.onchange(EIO, 'rename', null);

  beforeEach(() => {
    handles = [];
    env = testEnv();
    emissions$ = new ReplaySubject();
    hook.enable();
    running = watchDataFile(env, {
      isWriting: () => false,
      isAppending: () => false,
      commits: () => 0,
    }).subscribe(emissions$);
  });
  afterEach(() => {
    hook.disable();
    running.unsubscribe();
  });

  const emission = (count: number) => firstValueFrom(emissions$.pipe(skip(count - 1), take(1)));

  test('watchDataFile watches the file again after the system has ended the watch, even if no process writes', async () => {
    loseWatch();
    expect(handles).toHaveLength(1);

    await emission(1);
    expect(handles).toHaveLength(2);
  });

  test('watchDataFile checks for writes that occurred without a watch, and detects later writes again', async () => {
    loseWatch();
    const lost = performance.now();
    await firstValueFrom(emissions$.pipe(take(5), toArray()));
    expect(performance.now() - lost).toBeGreaterThan(2000); // delay of the last check

    await env.put('key', 1);
    await emission(6);
  });

  test('watchDataFile watches the file again each time the system ends the watch', async () => {
    for (const times of [1, 2, 3]) {
      const seen = emission(3 * times);
      loseWatch();
      await seen;
      expect(handles).toHaveLength(times + 1);
    }
  });
});
