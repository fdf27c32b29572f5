import type { RootDatabase } from 'lmdb';
import { firstValueFrom, ReplaySubject, type Subscription, skip, take, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { fileWrites } from '../../../src/stores/lmdb/file-writes.ts';
import { span } from '../../../src/testing/conformance/requests.ts';
import { eachDirectory } from '../../conformance/each-directory.ts';
import { openEnv } from '../../conformance/lmdb-log.ts';

describe('what tells of writes to a file', () => {
  let env: RootDatabase;
  let isAppending: boolean;
  let isWriting: boolean;
  let looks$: ReplaySubject<void>;
  let looks: number;
  let running: Subscription;

  eachDirectory((directory) => {
    env = openEnv(directory.file('events.lmdb'));
    [isAppending, isWriting, looks] = [false, false, 0];
    looks$ = new ReplaySubject();
    const own = { isWriting: () => isWriting, isAppending: () => isAppending };
    running = fileWrites(env, own).subscribe(looks$);
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

  test('hears of the next write behind that, and sets no timer for it', async () => {
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

  test('goes on to say so while others write, too', async () => {
    isAppending = true;
    await write();
    expect(looks).toBeGreaterThan(0);

    const heard = next(20);
    await write();
    await heard;
  });
});
