import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import type { Lease } from '../../../src/store/lease-log.ts';
import { silent } from '../../../src/store/logger.ts';
import { createGeneration, openGenerations } from '../../../src/stores/lmdb/generation.ts';
import { createLmdbEventLog, type LmdbEventLog } from '../../../src/stores/lmdb/lmdb-event-log.ts';
import { failureOf } from '../../../src/testing/conformance/fault-paths.ts';
import { openEnv } from '../../conformance/lmdb-log.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../conformance/temporary-directory.ts';

/** The same table, which takes nothing. */
const refusing = <T extends object>(table: T): T =>
  new Proxy(table, {
    get: (target, name) =>
      name === 'put'
        ? () => {
            throw new Error('no room');
          }
        : Reflect.get(target, name),
  });

describe('a dead letter on LMDB that cannot be kept together with the checkpoint past it', () => {
  let directory: TemporaryDirectory;
  let log: LmdbEventLog;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(async () => {
    await log.close();
    await directory.remove();
  });

  const openLog = (which: 'checkpointTable' | 'letterTable') => {
    const env = openEnv(directory.file('events.lmdb'));
    const parts = {
      env,
      events: env.openDB<Buffer, number>({ name: 'events', encoding: 'binary' }),
      generation: createGeneration(openGenerations(env), 'events'),
      checkpointTable: env.openDB<number, string>({ name: 'checkpoints', encoding: 'json' }),
      letterTable: env.openDB<Buffer, Buffer>({
        name: 'deadLetters',
        encoding: 'binary',
        keyEncoding: 'binary',
      }),
      leaseTable: env.openDB<Lease | number, string | number>({ name: 'leases', encoding: 'json' }),
      logger: silent,
      release: () => env.close(),
    };
    log = createLmdbEventLog({ ...parts, [which]: refusing(parts[which]) });
  };

  test.each(['checkpointTable', 'letterTable'] as const)('is not there, nor is that: %s', async (which) => {
    openLog(which);
    const draft = { watcherId: 'w', seqNum: 1, details: '{}', checkpoint: 1 };

    expect(await failureOf(log.deadLetters?.store(draft) as Promise<void>)).toBeInstanceOf(StoreError);
    await log.deleteCheckpoint('nobody'); // whatever was begun before this is through now

    expect(await firstValueFrom(log.checkpoints())).toEqual(new Map());
    expect(log.deadLetters && (await firstValueFrom(log.deadLetters.read('w')))).toEqual([]);
  });
});
