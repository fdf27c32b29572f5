import { writeFileSync } from 'node:fs';
import { messagePackSerializer, trimHorizon } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { testFile, testStore } from '../support/lmdb/test-store.ts';
import { documentsOf, expectFailure, outputOf, runCommand } from './command.ts';
import { appendNumbered, numberedLog } from './numbered-log.ts';

describe('the command backup', () => {
  it('the command backup copies a data file that an application has open', async () => {
    const path = await numberedLog(4);
    testStore({ path });
    const copy = testFile();
    expect((await runCommand(['backup', path, copy])).stderr).toMatch(
      /backed up to '.*' \(\d+(\.\d)? kB\)\n$/,
    );
    expect(await documentsOf(['tail', copy])).toHaveLength(4);
    const store = testStore({ path: copy });
    expect(await firstValueFrom(store.getCheckpoint('mailer'))).toBe(2);
  });

  it('the command backup does not overwrite an existing file', async () => {
    const copy = testFile();
    writeFileSync(copy, 'mine');
    const message =
      /cannot back up the store to '.*': the path must not exist, because a backup replaces no file/;
    expectFailure(await runCommand(['backup', await numberedLog(1), copy]), 1, message);
  });
});

describe('the command copy', () => {
  it('the command copy stores events and checkpoints in the target, and at its next call only the new events', async () => {
    const source = await numberedLog(4);
    const target = testFile();
    const first = await runCommand(['copy', source, target]);
    expect(first.stderr).toMatch(/copied 4 events and all checkpoints; the target ends at event 4\n$/);
    const store = openLmdbStore({ path: source });
    await appendNumbered(store, 5, 6);
    await store.close();
    const second = await runCommand(['copy', source, target]);
    expect(second.stderr).toMatch(/copied 2 events and all checkpoints; the target ends at event 6\n$/);
    expect(await outputOf(['export', target])).toBe(await outputOf(['export', source]));
    expect(await firstValueFrom(testStore({ path: target }).getCheckpoint('mailer'))).toBe(2);
  });

  it('the command copy keeps objects that were stored as MessagePack', async () => {
    const [source, target] = [testFile(), testFile()];
    const object = { at: new Date(0), bytes: Uint8Array.of(1, 2) };
    const store = openLmdbStore({ path: source, serializer: messagePackSerializer() });
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object });
    await store.close();
    await outputOf(['copy', source, target]);
    const copied = testStore({ path: target, serializer: messagePackSerializer() });
    expect(await firstValueFrom(copied.events(trimHorizon()))).toMatchObject({
      object: { at: new Date(0), bytes: Buffer.of(1, 2) },
    });
  });

  it('the command copy copies no dead letters, and reports their number', async () => {
    const source = await numberedLog(4);
    const store = openLmdbStore({ path: source });
    const times = { firstTime: new Date(0), lastTime: new Date(0) };
    await store.storeDeadLetter({ watcherId: 'mailer', seqNum: 2, errors: [], attempts: 1, ...times });
    await store.close();
    const { stderr } = await runCommand(['copy', source, testFile()]);
    expect(stderr).toMatch(/^rx-watcher: dead letters are not copied: 1; redrive or delete them first$/m);
  });

  it('the command copy rejects a target that contains other events', async () => {
    const target = await numberedLog(2);
    expectFailure(await runCommand(['copy', await numberedLog(4), target]), 1, /different event/);
    expect(await documentsOf(['tail', target])).toHaveLength(2);
  });
});
