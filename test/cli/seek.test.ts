import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { testStore } from '../support/lmdb/test-store.ts';
import { expectFailure, outputOf, runCommand, startCommand } from './command.ts';
import { numberedLog } from './numbered-log.ts';
import { reportWatcher } from './reported-watcher.ts';

async function checkpointIn(path: string, watcherId = 'mailer'): Promise<number | undefined> {
  const store = openLmdbStore({ path });
  const checkpoint = await firstValueFrom(store.getCheckpoint(watcherId));
  await store.close();
  return checkpoint;
}

describe('the command seek', () => {
  it.each([
    ['trim_horizon', 0],
    ['latest', 10],
    ['3', 2],
    ['11', 10],
    ['2h', 0],
    ['2050-01-01', 10],
  ])('the command seek to the position %s stores the checkpoint %i', async (position, expected) => {
    const path = await numberedLog(10);
    const { exit, stderr } = await runCommand(['seek', path, 'mailer', position, '--yes']);
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: `rx-watcher: moved the checkpoint of watcher 'mailer' from 5 to ${expected}; the next event is ${expected + 1}\n`,
    });
    expect(await checkpointIn(path)).toBe(expected);
  });

  it.each([
    [['mailer', '3'], 2, /this command changes the log; confirm it with --yes/],
    [['mailer', 'soon', '--yes'], 2, /'soon' is invalid/],
    [['mailre', '3', '--yes'], 1, /watcher 'mailre' has no checkpoint; watchers with a checkpoint: 'mailer'/],
    [['mailer', '12', '--yes'], 1, /the position must be at most 11, the next event of the log; received 12/],
  ])(
    'the command seek called with the arguments %j exits with code %i and changes nothing',
    async (args, code, message) => {
      const path = await numberedLog(10);
      expectFailure(await runCommand(['seek', path, ...args]), code, message);
      expect(await checkpointIn(path)).toBe(5);
      expect(await checkpointIn(path, 'mailre')).toBeUndefined();
    },
  );

  it.each(['running', 'paused', 'standby', 'stopping'] as const)(
    'the command seek rejects a watcher that is %s',
    async (state) => {
      const path = await numberedLog(10);
      const store = testStore({ path });
      await reportWatcher(store, { state });
      const message = new RegExp(
        `watcher 'mailer' is not stopped: it is ${state} in process ${process.pid} on`,
      );
      expectFailure(await runCommand(['seek', path, 'mailer', '3', '--yes']), 1, message);
      expect(await firstValueFrom(store.getCheckpoint('mailer'))).toBe(5);
    },
  );

  it('the command seek rejects a watcher with a stale report if the process that has reported still exists', async () => {
    const path = await numberedLog(10);
    await reportWatcher(testStore({ path }), {}, { reportedAt: 0 });
    const message =
      /'mailer' is not stopped: it was running in process \d+ on .*, and this process still exists/;
    expectFailure(await runCommand(['seek', path, 'mailer', '3', '--yes']), 1, message);
  });

  it('the command seek moves a watcher with a stale report from another host, and raises its fencing token', async () => {
    const path = await numberedLog(10);
    const store = testStore({ path });
    await reportWatcher(store, {}, { reportedAt: 0, host: 'elsewhere' });
    await store.internals.leases?.store('mailer', { owner: 'elsewhere:7', token: 4 }, 0);
    await outputOf(['seek', path, 'mailer', '3', '--yes']);
    await expect(store.storeCheckpoint('mailer', 9, 4)).rejects.toThrow(/lease/);
    expect(await firstValueFrom(store.getCheckpoint('mailer'))).toBe(2);
  });

  it('the command seek rejects a watcher without a report if a process holds its lease', async () => {
    const path = await numberedLog(10);
    const store = testStore({ path });
    await store.internals.leases?.store('mailer', { owner: 'worker 3', token: 1 }, 0);
    const message = /watcher 'mailer' is not stopped: worker 3 holds its lease/;
    expectFailure(await runCommand(['seek', path, 'mailer', '3', '--yes']), 1, message);
    expect(await firstValueFrom(store.getCheckpoint('mailer'))).toBe(5);
  });

  it('the command seek moves all partitions of a watcher with partitions, each under a new fencing token', async () => {
    const path = await numberedLog(10);
    const store = testStore({ path });
    const ids = [0, 1, 2].map((index) => `sender [${index}/3]`);
    for (const [index, id] of ids.entries()) {
      await store.internals.leases?.store(id, { token: 1 }, 0);
      await store.storeCheckpoint(id, 4 + index, 1);
    }
    const { exit, stderr } = await runCommand(['seek', path, 'sender', '3', '--yes']);
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: "rx-watcher: moved the checkpoint of watcher 'sender' from 4 to 2; the next event is 3\n",
    });
    for (const id of ids) {
      expect(await firstValueFrom(store.getCheckpoint(id))).toBe(2);
      await expect(store.storeCheckpoint(id, 9, 1)).rejects.toThrow(/lease/);
    }
  });

  it('the command seek rejects the id of a single partition, and a watcher with partitions that runs according to a report', async () => {
    const path = await numberedLog(10);
    const store = testStore({ path });
    await store.storeCheckpoint('sender [0/1]', 4);
    const single = await runCommand(['seek', path, 'sender [0/1]', '3', '--yes']);
    expectFailure(single, 1, /'sender \[0\/1\]' is a partition of watcher 'sender'; move the watcher/);
    await reportWatcher(store, { id: 'sender', state: 'running' });
    const running = await runCommand(['seek', path, 'sender', '3', '--yes']);
    expectFailure(running, 1, /watcher 'sender' is not stopped: it is running/);
    expect(await firstValueFrom(store.getCheckpoint('sender [0/1]'))).toBe(4);
  });

  it('the command seek on a released lease raises the fencing token, and releases the lease again', async () => {
    const path = await numberedLog(10);
    const store = testStore({ path });
    await store.internals.leases?.store('mailer', { token: 7 }, 0);
    await outputOf(['seek', path, 'mailer', '3', '--yes']);
    expect(await firstValueFrom(store.getCheckpoint('mailer'))).toBe(2);
    const lease = (await firstValueFrom(store.leases())).get('mailer');
    expect(lease).toMatchObject({ token: 8 });
    expect(lease).not.toHaveProperty('owner');
  });

  it('the command seek asks for confirmation on a terminal, and changes nothing unless the answer is yes', async () => {
    const path = await numberedLog(10);
    for (const [answer, expected] of [
      ['n\r', 5],
      ['y\r', 2],
    ] as const) {
      const seek = startCommand(['seek', path, 'mailer', '3'], { columns: 80 });
      await seek.printed('from 5 to 2? [y/N]');
      seek.write(answer);
      expect((await seek.ended).exit).toBe(0);
      expect(await checkpointIn(path)).toBe(expected);
    }
  });
});
