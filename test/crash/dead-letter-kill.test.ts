import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { lettersOf } from '../../src/testing/conformance/support/letters.ts';
import { span } from '../../src/testing/conformance/support/requests.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';

const giveUpForEver = fileURLToPath(new URL('./give-up-for-ever.mjs', import.meta.url));

/** Has a process give up events, and kills it once it has told of so many; these are their numbers. */
async function giveUpAndKill(path: string, after: number): Promise<readonly number[]> {
  const child = spawn(process.execPath, [giveUpForEver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const seqNums: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    seqNums.push(Number(line));
    if (seqNums.length >= after) child.kill('SIGKILL');
  }
  return seqNums;
}

test('a kill finds each dead letter and the checkpoint past it both there, or neither', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  let held = 0;

  for (const after of [1, 20, 5, 50]) {
    const told = await giveUpAndKill(path, after);
    const store = openLmdbStore({ path });
    const letters = await lettersOf(store);
    const checkpoint = (await firstValueFrom(store.getCheckpoint('w'))) ?? 0;
    await store.close();

    const kept = letters.map(({ seqNum }) => seqNum);
    expect(kept).toEqual(span(1, checkpoint).filter((seqNum) => seqNum % 2 === 1));
    expect(kept).toEqual(expect.arrayContaining([...told]));
    expect(letters.every(({ event, seqNum }) => event?.seqNum === seqNum)).toBe(true);
    expect(kept.length).toBeGreaterThan(held);
    held = kept.length;
  }
  await directory.remove();
});
