import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { lastValueFrom, tap } from 'rxjs';
import { copyLog } from '../../index.ts';
import { printNote } from '../output/print.ts';
import { createProgress, formatNumber, formatShare } from '../output/progress.ts';
import { type OpenStore, withStore } from '../store/open-store.ts';
import { isAddress } from '../store/stream-address.ts';
import { UsageError } from '../usage-error.ts';

/** Returns the identity of a file, which is equal for all paths of the file; `undefined` if the file does not exist. */
async function fileId(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && `${stats.dev}:${stats.ino}`;
}

async function isSameStore(source: string, target: string): Promise<boolean> {
  if (isAddress(source) || isAddress(target)) return source === target;
  const id = await fileId(source);
  return id !== undefined && id === (await fileId(target));
}

async function copyEvents(source: OpenStore, target: OpenStore): Promise<void> {
  const progress = createProgress();
  try {
    const { copied, seqNum } = await lastValueFrom(
      copyLog(source, target).pipe(
        tap(({ copied: done, total }) =>
          progress.update(
            () => `copy ${formatShare(done, total)}  ${formatNumber(done)} of ${formatNumber(total)} events`,
          ),
        ),
      ),
    );
    progress.end();
    const { deadLetters = 0 } = await lastValueFrom(source.info());
    if (deadLetters > 0) {
      printNote(`dead letters are not copied: ${formatNumber(deadLetters)}; redrive or delete them first`);
    }
    printNote(
      `copied ${formatNumber(copied)} events and all checkpoints; the target ends at event ${seqNum}`,
    );
  } finally {
    progress.end();
  }
}

async function copy(source: string, target: string): Promise<void> {
  if (await isSameStore(source, target)) throw new UsageError('the source and the target are the same store');
  await withStore(source, 'read', (from) => withStore(target, 'fill', (to) => copyEvents(from, to)));
}

export function addCopy(program: Command): void {
  program
    .command('copy')
    .summary('copy a log into another store (writes to the target)')
    .description(
      'Copies events with their sequence numbers, and checkpoints, into an empty store of any engine. After an interruption, the same command continues. Dead letters and leases are not copied.',
    )
    .argument('<source>', 'path of the data file, or nats://host:port/stream')
    .argument('<target>', 'path of the data file, or nats://host:port/stream; created if it does not exist')
    .action(copy);
}
