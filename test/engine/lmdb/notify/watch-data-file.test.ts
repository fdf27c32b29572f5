import { renameSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { firstValueFrom, ReplaySubject, type Subscription, skip, take, toArray } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { watchDataFile } from '../../../../src/engine/lmdb/notify/watch-data-file.ts';
import { span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../conformance/each-directory.ts';
import { openEnv } from '../../../conformance/lmdb-log.ts';

describe('what tells of writes to a file', () => {
  let env: RootDatabase;
  let isAppending: boolean;
  let isWriting: boolean;
  let looks$: ReplaySubject<void>;
  let looks: number;
  let commits: number;
  /** How many commits there are between two looks. */
  let pace: number;
  let path: string;
  let running: Subscription;
  const own = {
    isWriting: () => isWriting,
    isAppending: () => isAppending,
    commits: () => (commits += pace),
  };

  eachDirectory((directory) => {
    path = directory.file('events.lmdb');
    env = openEnv(path);
    [isAppending, isWriting, looks, commits, pace] = [false, false, 0, 0, 1];
    looks$ = new ReplaySubject();
    running = watchDataFile(env, own).subscribe(looks$);
    running.add(looks$.subscribe(() => looks++));
  });
  afterEach(async () => {
    running.unsubscribe();
    await env.close();
  });

  const write = async () => {
    for (const n of span(1, 200)) await env.put('key', n);
  };
  /** The next look, and so many behind it. */
  const next = (count: number) => firstValueFrom(looks$.pipe(skip(looks), take(count), toArray()));

  test('says nothing while this process alone appends, and looks when it has ended', async () => {
    [isAppending, isWriting] = [true, true];
    await write();
    expect(looks).toBe(0);

    [isAppending, isWriting] = [false, false];
    await next(1);
  });

  test('hears of the next write behind that by its notice, when all timers have run out', async () => {
    [isAppending, isWriting] = [true, true];
    await write();
    [isAppending, isWriting] = [false, false];
    const ended = performance.now();
    await next(5);
    expect(performance.now() - ended).toBeGreaterThan(2000); // the last look behind a write

    const heard = next(1);
    await env.put('key', 0);
    await heard;
  });

  test('looks while an append takes its time', async () => {
    [isAppending, isWriting, pace] = [true, true, 0];
    await env.put('key', 0);

    await next(20);
  });

  test('goes on to look where the file cannot be watched again, and watches it as soon as it can', async () => {
    [isAppending, isWriting] = [true, true];
    await write();
    renameSync(path, `${path}-away`);
    [isAppending, isWriting] = [false, false];
    await next(20);

    renameSync(`${path}-away`, path);
    const found = performance.now();
    await next(5);
    expect(performance.now() - found).toBeGreaterThan(2000); // no longer every few milliseconds
  });

  test('is over when somebody leaves it, be it at a notice', async () => {
    const looking = vi.fn(() => false);
    const left = firstValueFrom(watchDataFile(env, { ...own, isAppending: looking }));
    await env.put('key', 0);
    await left;

    await next(4); // for those who stay
    expect(looking).not.toHaveBeenCalled();
  });

  test('goes on to say so while others write, too', async () => {
    isAppending = true;
    await write();
    expect(looks).toBeGreaterThan(0);

    const heard = next(20);
    await write();
    await heard;
  });
});
