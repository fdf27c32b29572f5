import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { interruption, interruptionCode } from '../interruption.ts';
import { printNote } from '../output/print.ts';
import { createProgress, formatBytes } from '../output/progress.ts';
import { withStore } from '../store/open-store.ts';
import { isAddress } from '../store/stream-address.ts';
import { UsageError } from '../usage-error.ts';

/** Time between two reads of the size of the copy, in milliseconds. */
const PERIOD = 200;

/** Returns the temporary directory in which this process writes the copy; `undefined` if it does not exist. */
async function copyDirectory(file: string): Promise<string | undefined> {
  const names = await readdir(dirname(file));
  const name = names.find((each) => each.startsWith('.rx-watcher-') && each.includes(`-${process.pid}-`));
  return name === undefined ? undefined : join(dirname(file), name);
}

async function copiedBytes(file: string): Promise<number> {
  const directory = await copyDirectory(file);
  if (directory === undefined) return 0;
  return (await stat(join(directory, 'data.mdb'))).size;
}

/** Removes the incomplete copy and ends the process after an interruption, because LMDB cannot end a copy early. */
async function endProcess(file: string): Promise<void> {
  const directory = await copyDirectory(file);
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  process.exit(interruptionCode());
}

async function backup(location: string, path: string): Promise<void> {
  if (isAddress(location)) {
    throw new UsageError(
      'backup copies a data file; use copy for a stream, or the backup of the nats command',
    );
  }
  const file = resolve(path);
  await withStore(location, 'read', async (store) => {
    const progress = createProgress();
    let bytes = 0;
    const timer = setInterval(async () => {
      bytes = await copiedBytes(file).catch(() => bytes);
      progress.update(() => `backup ${formatBytes(bytes)} written`);
    }, PERIOD);
    const onAbort = () => void endProcess(file);
    interruption.addEventListener('abort', onAbort);
    try {
      await store.backup?.(file);
    } finally {
      interruption.removeEventListener('abort', onAbort);
      clearInterval(timer);
      progress.end();
    }
  });
  printNote(`backed up to '${path}' (${formatBytes((await stat(file)).size)})`);
}

export function addBackup(program: Command): void {
  program
    .command('backup')
    .summary('copy a data file while it is in use')
    .description(
      'Copies a data file to a new file, while applications use it: events, checkpoints, dead letters, leases, and the tables of the application.',
    )
    .argument('<store>', 'path of the data file')
    .argument('<file>', 'new file; an existing file is not overwritten')
    .action(backup);
}
