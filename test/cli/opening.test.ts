import { execFileSync } from 'node:child_process';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, it } from 'vitest';
import { testFile, testStore } from '../support/lmdb/test-store.ts';
import { documentsOf, expectFailure, outputOf, runCommand, startCommand } from './command.ts';
import { appendNumbered, numberedLog } from './numbered-log.ts';

describe('a command that only reads a file', () => {
  it('a command that only reads a file does not change the file', async () => {
    const path = await numberedLog(20);
    const before = readFileSync(path);
    for (const args of [
      ['tail', path],
      ['get', path, '1'],
      ['export', path],
    ])
      await outputOf(args);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('a command reads a file that an application has open', async () => {
    const path = await numberedLog(3);
    const store = testStore({ path });
    await appendNumbered(store, 4, 4);
    expect(await documentsOf(['tail', path])).toHaveLength(4);
    await appendNumbered(store, 5, 5);
    expect(await documentsOf(['tail', path])).toHaveLength(5);
  });

  it('a command that is suspended while it reads a file does not prevent an application from opening the file', async () => {
    const path = await numberedLog(3);
    const tail = startCommand(['tail', path, '--follow']);
    await tail.printed('"n":3');
    tail.kill('SIGSTOP');
    const store = testStore({ path });
    await appendNumbered(store, 4, 4);
    await store.close();
    tail.kill('SIGCONT');
    await tail.printed('"n":4');
  });

  it('a file keeps every event that an application appends while commands open and close the file', async () => {
    const path = await numberedLog(0);
    const store = testStore({ path });
    let isRunning = true;
    const commands = Promise.all([1, 2, 3, 4].map(() => outputOf(['tail', path]))).finally(() => {
      isRunning = false;
    });
    let count = 0;
    while (isRunning) {
      count++;
      await appendNumbered(store, count, count);
    }
    await commands;
    expect((await documentsOf(['export', path])).map(({ object }) => object)).toEqual(
      Array.from({ length: count }, (_, index) => ({ n: index + 1 })),
    );
  });
});

describe('a file that is not a log', () => {
  it('an LMDB file of another application is rejected and not changed', async () => {
    const path = testFile();
    const env = openLmdbEnv({ path });
    await env.openDB({ name: 'orders' }).put('o1', 1);
    await env.close();
    const before = readFileSync(path);
    for (const args of [
      ['tail', path],
      ['import', path, join(path, '..', 'e.ndjson')],
      ['copy', await numberedLog(1), path],
    ]) {
      if (args[0] === 'import') execFileSync('cp', [await exportedFile(), args[2] as string]);
      expectFailure(
        await runCommand(args),
        1,
        /it is an LMDB file, but it contains no log of rx-watcher \(no table 'events'\)/,
      );
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('a file is rejected if it lacks a table that this version of the library needs', async () => {
    const path = testFile();
    const env = openLmdbEnv({ path });
    for (const name of ['events', 'checkpoints', 'rx-watcher/versions']) env.openDB({ name });
    await env.close();
    expectFailure(
      await runCommand(['tail', path]),
      1,
      /written by another version of rx-watcher \(no table 'deadLetters'/,
    );
  });

  it('a file is rejected if the format of its events has another version', async () => {
    const path = await numberedLog(3);
    const env = openLmdbEnv({ path });
    const events = env.openDB<Buffer, number>({ name: 'events', encoding: 'binary' });
    const chunk = Buffer.from(events.get(3) as Buffer);
    chunk[0] = 99;
    await events.put(3, chunk);
    await env.close();
    expectFailure(await runCommand(['tail', path]), 1, /version/);
  });
});

describe('a data file of another user', () => {
  it.runIf(process.geteuid?.() === 0)(
    'a data file of another user is rejected, and no file is created in its gate directory',
    async () => {
      const path = testFile();
      await openLmdbStore({ path }).close();
      chownSync(path, 12_345, 12_345);
      const before = statSync(`${path}-gate`).mtimeMs;
      const message =
        /belongs to user 12345, but the command runs as user 0; run it as the owner of the file/;
      expectFailure(await runCommand(['tail', path]), 1, message);
      expect(statSync(`${path}-gate`).mtimeMs).toBe(before);
    },
  );
});

async function exportedFile(): Promise<string> {
  const file = join(testFile(), '..', 'events.ndjson');
  await outputOf(['export', await numberedLog(1), file]);
  return file;
}

describe('a data file that another container uses', () => {
  it('a data file is rejected while a process of another pid namespace has it open', async () => {
    const path = await numberedLog(1);
    testStore({ path });
    writeFileSync(`${path}-gate/pid-namespace`, 'pid:[1]');
    const message = /a process of another pid namespace has it open; containers that share a file must share/;
    expectFailure(await runCommand(['tail', path]), 1, message);
  });
});
