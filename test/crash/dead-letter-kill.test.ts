import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { deadLettersOf } from '../../src/testing/conformance/support/dead-letters.ts';
import { span } from '../../src/testing/conformance/support/requests.ts';
import { startProcess } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const giveUpUntilKilled = new URL('./give-up-until-killed.mjs', import.meta.url);

/** Starts a process that gives up events, and kills it after `count` of them. Returns their sequence numbers. */
async function giveUpAndKill(path: string, count: number): Promise<readonly number[]> {
  const program = startProcess(giveUpUntilKilled, path);
  const seqNums: number[] = [];
  for await (const line of program.lines) {
    seqNums.push(Number(line));
    if (seqNums.length >= count) void program.kill();
  }
  return seqNums;
}

test('a dead letter and the checkpoint after its event are stored atomically, even if the process is killed', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  let earlier = 0;

  for (const count of [1, 20, 5, 50]) {
    const reported = await giveUpAndKill(path, count);
    const store = openLmdbStore({ path });
    const deadLetters = await deadLettersOf(store);
    const checkpoint = (await firstValueFrom(store.getCheckpoint('w'))) ?? 0;
    await store.close();

    const stored = deadLetters.map(({ seqNum }) => seqNum);
    expect(stored).toEqual(span(1, checkpoint).filter((seqNum) => seqNum % 2 === 1));
    expect(stored).toEqual(expect.arrayContaining([...reported]));
    expect(deadLetters.every(({ event, seqNum }) => event?.seqNum === seqNum)).toBe(true);
    expect(stored.length).toBeGreaterThan(earlier);
    earlier = stored.length;
  }
  await directory.remove();
});
