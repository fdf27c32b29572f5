import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventStore, type StoreOptions } from 'rx-watcher';
import { describeEventLog, describeEventStore } from 'rx-watcher/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJsonFileLog } from './json-file-log.ts';

const runner = { afterEach, beforeEach, describe, expect, it };

// For each feature with `false`, the output of the runner lists a test with the title `does not support: …`.
const supports = { reopen: true, deadLetters: false, leases: false, importing: false, sharing: false };

/** Creates an empty directory for the log of one test. */
async function createLog() {
  const directory = await mkdtemp(join(tmpdir(), 'rx-watcher-engine-'));
  const path = join(directory, 'log.json');
  return { path, cleanup: () => rm(directory, { recursive: true }) };
}

describeEventLog(runner, 'the engine in a JSON file', {
  supports,
  async create() {
    const { path, cleanup } = await createLog();
    return { open: () => openJsonFileLog(path), cleanup };
  },
});

describeEventStore(runner, 'a store on the engine in a JSON file', {
  supports,
  async create() {
    const { path, cleanup } = await createLog();
    const open = (options: StoreOptions = {}) => createEventStore(openJsonFileLog(path), options);
    return { open, cleanup };
  },
});
