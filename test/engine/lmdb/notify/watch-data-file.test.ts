import { renameSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { firstValueFrom, ReplaySubject, type Subscription, skip, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchDataFile } from '../../../../src/engine/lmdb/notify/watch-data-file.ts';
import { dataFileOf } from '../../../../src/engine/lmdb/open/env-state.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { testEnv } from '../../../support/lmdb/test-store.ts';

describe('watchDataFile', () => {
  let env: RootDatabase;
  let isAppending: boolean;
  let isWriting: boolean;
  let emissions$: ReplaySubject<void>;
  let emissions: number;
  let commits: number;
  /** Number of commits that the process reports between two checks of the file. */
  let pace: number;
  let running: Subscription;
  const own = {
    isWriting: () => isWriting,
    isAppending: () => isAppending,
    commits: () => (commits += pace),
  };

  beforeEach(() => {
    env = testEnv();
    [isAppending, isWriting, emissions, commits, pace] = [false, false, 0, 0, 1];
    emissions$ = new ReplaySubject();
    running = watchDataFile(env, own).subscribe(emissions$);
    running.add(emissions$.subscribe(() => emissions++));
  });
  afterEach(() => running.unsubscribe());

  const write = async () => {
    for (const n of span(1, 200)) await env.put('key', n);
  };
  /** Waits for a number of further notifications. */
  const next = (count: number) => firstValueFrom(emissions$.pipe(skip(emissions), take(count), toArray()));

  test('watchDataFile emits nothing during appends of this process alone, and emits after the last append', async () => {
    [isAppending, isWriting] = [true, true];
    await write();
    expect(emissions).toBe(0);

    [isAppending, isWriting] = [false, false];
    await next(1);
  });

  test('watchDataFile emits at a later write even if the delayed checks after the last append of this process have ended', async () => {
    [isAppending, isWriting] = [true, true];
    await write();
    [isAppending, isWriting] = [false, false];
    const ended = performance.now();
    await next(5);
    expect(performance.now() - ended).toBeGreaterThan(2000); // delay of the last check

    const notified = next(1);
    await env.put('key', 0);
    await notified;
  });

  test('watchDataFile emits repeatedly during a long append of this process', async () => {
    [isAppending, isWriting, pace] = [true, true, 0];
    await env.put('key', 0);

    await next(20);
  });

  test('watchDataFile emits every few milliseconds while the file cannot be watched, and less often when a watch is possible again', async () => {
    [isAppending, isWriting] = [true, true];
    await write();
    const path = dataFileOf(env);
    renameSync(path, `${path}-away`);
    [isAppending, isWriting] = [false, false];
    await next(20);

    renameSync(`${path}-away`, path);
    const found = performance.now();
    await next(5);
    expect(performance.now() - found).toBeGreaterThan(2000); // the emissions are no longer a few milliseconds apart
  });

  test('watchDataFile keeps no timer if its subscriber unsubscribes during an emission', async () => {
    const isAppendingSpy = vi.fn(() => false);
    const first = firstValueFrom(watchDataFile(env, { ...own, isAppending: isAppendingSpy }));
    await env.put('key', 0);
    await first;

    await next(4); // emissions of the other subscription, which still watches the file
    expect(isAppendingSpy).not.toHaveBeenCalled();
  });

  test('watchDataFile emits while this process appends if another part of the process writes to the file at the same time', async () => {
    isAppending = true;
    await write();
    expect(emissions).toBeGreaterThan(0);

    const notified = next(20);
    await write();
    await notified;
  });
});
