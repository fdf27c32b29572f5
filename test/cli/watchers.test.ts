import { openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, it } from 'vitest';
import { testStore } from '../support/lmdb/test-store.ts';
import { expectFailure, outputOf, runCommand, startCommand } from './command.ts';
import { appendNumbered, numberedLog } from './numbered-log.ts';
import { reportWatcher } from './reported-watcher.ts';

/** Stores a dead letter of an event. */
async function giveUp(path: string, watcherId: string, seqNum: number): Promise<void> {
  const store = openLmdbStore({ path });
  await store.storeDeadLetter({
    watcherId,
    seqNum,
    attempts: 3,
    firstTime: new Date(0),
    lastTime: new Date(1000),
    errors: [
      {
        name: 'TypeError',
        message: 'no \u001b[31mredness',
        stack: 'TypeError\n    at handle',
        code: 'E_RED',
      },
      { name: 'Error', message: 'the cause' },
    ],
  });
  await store.close();
}

const jsonOf = async (args: readonly string[]) => JSON.parse(await outputOf([...args, '--json']));

describe('the command info', () => {
  it('the command info prints the number of events, the watchers and the number of dead letters', async () => {
    const path = await numberedLog(1200);
    await giveUp(path, 'mailer', 3);
    const output = await outputOf(['info', path]);
    expect(output).toMatch(/^engine +lmdb$/m);
    expect(output).toMatch(/^events +1,200: 1 to 1200$/m);
    expect(output).toMatch(/^dead letters +1$/m);
    expect(output).toMatch(/^mailer +unknown +600 +600 /m);
  });

  it('the command info prints a JSON document with --json', async () => {
    const path = await numberedLog(4);
    const store = testStore({ path });
    await reportWatcher(store);
    await store.internals.leases?.store('mailer', { owner: 'worker 3', token: 1 }, 0);
    expect(await jsonOf(['info', path])).toMatchObject({
      engine: 'lmdb',
      oldestSeqNum: 1,
      latestSeqNum: 4,
      deadLetters: 0,
      watchers: [{ id: 'mailer', owner: { pid: process.pid } }],
      leases: [{ watcherId: 'mailer', owner: 'worker 3', token: 1 }],
    });
  });

  it('the command info prints the next sequence number of an empty log', async () => {
    expect(await outputOf(['info', await numberedLog(0)])).toMatch(/^events +0; the next one is 1$/m);
  });
});

describe('the command watchers', () => {
  it('the command watchers prints every watcher that has a report or a checkpoint', async () => {
    const path = await numberedLog(4);
    await reportWatcher(testStore({ path }), { id: 'indexer', state: 'paused', position: 1 });
    const output = await outputOf(['watchers', path]);
    expect(output).toMatch(new RegExp(`^indexer +paused +\\S+:${process.pid} +3 `, 'm'));
    expect(output).toMatch(/^mailer +unknown +2 +2 /m);
  });

  it('the command watchers with --watch prints a line of JSON at each interval until Ctrl-C', async () => {
    const path = await numberedLog(4);
    const store = testStore({ path });
    const watching = startCommand(['watchers', path, '--watch', '--json']);
    await watching.printed('"lag":2');
    await appendNumbered(store, 5, 5);
    await watching.printed('"lag":3');
    watching.kill('SIGINT');
    expect(await watching.ended).toMatchObject({ exit: 0, stderr: '' });
  });
});

describe('the command dead-letters', () => {
  it('the command dead-letters lists the dead letters of all watchers or of one watcher', async () => {
    const path = await numberedLog(4);
    await giveUp(path, 'mailer', 2);
    await giveUp(path, 'indexer', 3);
    const all = await jsonOf(['dead-letters', 'list', path]);
    expect(all).toMatchObject([
      { watcherId: 'indexer', seqNum: 3, attempts: 3, event: { seqNum: 3, object: { n: 3 } } },
      { watcherId: 'mailer', seqNum: 2, errors: [{ name: 'TypeError' }, { name: 'Error' }] },
    ]);
    expect(await jsonOf(['dead-letters', 'list', path, 'mailer'])).toHaveLength(1);
    const table = await outputOf(['dead-letters', 'list', path]);
    expect(table).toMatch(
      /^mailer +2 +Customer +3 +1970-01-01 00:00:01Z +TypeError: no \\u001b\[31mredness$/m,
    );
  });

  it('the command dead-letters list prints an empty list for a watcher without dead letters, and rejects an unknown watcher', async () => {
    const path = await numberedLog(4);
    expect(await jsonOf(['dead-letters', 'list', path, 'mailer'])).toEqual([]);
    expectFailure(
      await runCommand(['dead-letters', 'list', path, 'mailre']),
      1,
      /watcher 'mailre' has no dead letter, checkpoint or report; watchers of the log: 'mailer'/,
    );
  });

  it('the command dead-letters shows a dead letter with its errors and its event', async () => {
    const path = await numberedLog(4);
    await giveUp(path, 'mailer', 2);
    const output = await outputOf(['dead-letters', 'show', path, 'mailer', '2']);
    expect(output).toContain('error [E_RED] TypeError: no \\u001b[31mredness\nTypeError\n    at handle\n');
    expect(output).toContain('caused by Error: the cause\n');
    expect(output).toMatch(/"n": 2/);
    expectFailure(
      await runCommand(['dead-letters', 'show', path, 'mailer', '3']),
      1,
      /'mailer' has no dead letter of event 3/,
    );
  });

  it('the command dead-letters deletes a dead letter only with --yes', async () => {
    const path = await numberedLog(4);
    await giveUp(path, 'mailer', 2);
    const args = ['dead-letters', 'delete', path, 'mailer', '2'];
    expectFailure(await runCommand(args), 2, /this command changes the log; confirm it with --yes/);
    expect(await jsonOf(['dead-letters', 'list', path])).toHaveLength(1);
    expect((await runCommand([...args, '--yes'])).stderr).toMatch(/deleted the dead letter of event 2/);
    expect(await jsonOf(['dead-letters', 'list', path])).toEqual([]);
    expectFailure(await runCommand([...args, '--yes']), 1, /has no dead letter of event 2/);
  });
});
