import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, it } from 'vitest';
import { testFile } from '../support/lmdb/test-store.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { documentsOf, outputOf, startCommand } from './command.ts';

/** Creates a log that takes some time to read. */
async function largeLog(): Promise<string> {
  const path = testFile();
  const store = openLmdbStore({ path });
  const request = { operation: 'CREATE', objectType: 'Job', object: 'x'.repeat(1000) } as const;
  for (let i = 0; i < 40; i++) await store.storeEvents(Array.from({ length: 1000 }, () => request));
  await store.close();
  return path;
}

describe('Ctrl-C', () => {
  it('Ctrl-C ends an export without a message and with exit code 130, and removes the incomplete file', async () => {
    const file = join(testDirectory(), 'events.ndjson');
    const command = startCommand(['export', await largeLog(), file]);
    await command.created(file);
    command.kill('SIGINT');
    expect(await command.ended).toEqual({ exit: 130, stdout: '', stderr: '' });
    expect(existsSync(file)).toBe(false);
  });

  it('Ctrl-C ends a copy without a message, and the same command continues this copy later', async () => {
    const [source, target] = [await largeLog(), testFile()];
    const command = startCommand(['copy', source, target]);
    await command.created(target);
    command.kill('SIGINT');
    expect(await command.ended).toEqual({ exit: 130, stdout: '', stderr: '' });
    await outputOf(['copy', source, target]);
    expect(await documentsOf(['tail', target, '--limit', '1'])).toMatchObject([{ seqNum: 40_000 }]);
  });
});
