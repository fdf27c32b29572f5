import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { open } from 'lmdb';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';
import { type DemoLog, MARKER } from './demo-log.ts';
import type { FileEvent } from './file-event.ts';
import type { ImportRecord } from './import-record.ts';

/**
 * Opens the environment and, in it, the event store. They share it so that one transaction can hold both what a
 * watcher has computed and how far it has come.
 *
 * Garbage collection is off, so that a view which is added later can still be computed from the beginning.
 * `overlappingSync: false` is what the store asks for, so that an event is seen only once it is durable;
 * `eventTurnBatching: false` keeps a commit that fails (a full disk) from ending the process.
 *
 * @throws {@link DemoError} if the file cannot be made or opened.
 */
export function openDemoLog(path: string): DemoLog {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const env = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false });
    const imports = env.openDB<ImportRecord, 'import'>({ name: MARKER, encoding: 'json' });
    const positions = env.openDB<number, string>({ name: 'positions', encoding: 'json' });
    const events = openLmdbStore<FileEvent>({ env, gcAgeThreshold: 0 });
    const close = async () => {
      await events.close();
      await env.close();
    };
    return { env, events, imports, positions, close };
  } catch (cause) {
    const reason = printable((cause as Error).message);
    throw new DemoError(`${printable(path)} cannot be opened: ${reason}; name another file with --store`, {
      cause,
    });
  }
}
