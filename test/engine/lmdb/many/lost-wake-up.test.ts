import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { testFile } from '../../../support/lmdb/test-store.ts';
import { startProcess } from '../../../support/program.ts';

const APPEND_EACH = new URL('./append-each.mjs', import.meta.url);

/**
 * Offset of the writer lock in LMDB's lock file, in bytes. The lock is a 32-bit word with the id of the thread that owns it.
 */
const WRITER_LOCK = 64;

/** Bit of the word that is set when a thread waits for the lock. */
const HAS_WAITERS = 0x8000_0000;

/**
 * Opens the word of the writer lock. This process must not open the data file: when it closes the lock file, the system
 * would end the locks that LMDB holds on it.
 */
function openWriterLock(lockFile: string) {
  const file = openSync(lockFile, 'r+');
  onTestFinished(() => closeSync(file));
  const word = new Uint32Array(1);
  return {
    /** Resolves when a thread waits for the lock. Reads repeatedly, because the system reports no change of shared memory. */
    async untilAwaited() {
      do {
        await nextTurn();
        readSync(file, word, 0, 4, WRITER_LOCK);
      } while (((word[0] as number) & HAS_WAITERS) === 0);
    },
    /** Releases the lock without waking a thread that waits for it. */
    releaseSilently: () => void writeSync(file, new Uint8Array(4), 0, 4, WRITER_LOCK),
  };
}

test.runIf(process.platform === 'linux')(
  'an append that waits for the writer lock is stored even if its wake-up was lost, and another process can open the file',
  async () => {
    const path = testFile();
    const writer = startProcess(APPEND_EACH, path);
    await writer.readLine();
    const holder = startProcess(new URL('./hold-lock.mjs', import.meta.url), path);
    await holder.readLine();
    const lock = openWriterLock(`${path}-lock`);

    writer.writeLine('waits');
    await lock.untilAwaited();
    lock.releaseSilently();
    await holder.kill();
    const newcomer = startProcess(APPEND_EACH, path);

    expect(await newcomer.readLine()).toBe('open');
    expect(await writer.readLine()).toBe('1');
    await Promise.all([newcomer.end(), writer.end()]);
  },
);
