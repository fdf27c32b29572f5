import { readdirSync, renameSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { startProcess } from '../../../support/program.ts';

let path: string;
let copy: string;

eachDirectory(async (directory) => {
  path = directory.file('events.lmdb');
  copy = directory.file('copy.lmdb');
  const store = openLmdbStore({ path });
  await store.storeEvent(created(1));
  await store.close();
});

const copiesInProgress = () => readdirSync(dirname(path)).filter((name) => name.startsWith('.rx-watcher-'));

/** Starts a process with a backup in progress. */
async function beginBackup(when: 'before' | 'after') {
  const child = startProcess(new URL('./backup-in-flight.mjs', import.meta.url), path, copy, when);
  expect(await child.readLine()).toBe('in flight');
  expect(copiesInProgress()).toHaveLength(1);
  return child;
}

async function backUp(): Promise<void> {
  const store = openLmdbStore({ path });
  await store.backup(copy);
  await store.close();
}

describe.each(['before', 'after'] as const)(
  'the incomplete copy of a backup that was killed %s LMDB has written the copy',
  (when) => {
    test('the incomplete copy of a killed backup is removed when a store in the same directory is opened', async () => {
      const child = await beginBackup(when);
      await child.kill();
      expect(copiesInProgress()).toHaveLength(1);

      await openLmdbStore({ path }).close();

      expect(copiesInProgress()).toEqual([]);
    });

    test('the incomplete copy of a killed backup is removed by the next backup into the same directory', async () => {
      const store = openLmdbStore({ path });
      const child = await beginBackup(when);
      await child.kill();

      await store.backup(copy);
      await store.close();

      expect(copiesInProgress()).toEqual([]);
      const copied = openLmdbStore({ path: copy });
      expect(seqNums(await readAll(copied))).toEqual([1]);
      await copied.close();
    });
  },
);

test('a backup does not remove an incomplete copy that another process is writing', async () => {
  const child = await beginBackup('after');
  const [name] = copiesInProgress();

  await backUp();

  expect(copiesInProgress()).toEqual([name]);
  await child.kill();
});

describe('an incomplete copy of a backup by a process that cannot be found, for example on another machine', () => {
  const moveElsewhere = (): string => {
    const [name = ''] = copiesInProgress();
    const moved = join(dirname(path), name.replace(/[0-9a-f]{12}/, '0'.repeat(12)));
    renameSync(join(dirname(path), name), moved);
    return moved;
  };
  const age = (file: string, hours: number) => {
    const then = new Date(Date.now() - hours * 60 * 60 * 1000);
    utimesSync(file, then, then);
  };

  test('an incomplete backup of an unknown process is removed only after a day without a write', async () => {
    const child = await beginBackup('after');
    await child.kill();
    const moved = moveElsewhere();

    age(join(moved, 'data.mdb'), 23);
    age(moved, 25);
    await backUp();
    expect(copiesInProgress()).toHaveLength(1);

    age(join(moved, 'data.mdb'), 25);
    age(moved, 25);
    await openLmdbStore({ path }).close();
    expect(copiesInProgress()).toEqual([]);
  });
});
