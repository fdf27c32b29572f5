import { openAsClass, type RootDatabase } from 'lmdb';
import { StoreError } from '../../../errors.ts';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { PRIVATE } from '../file/file-mode.ts';
import { openThroughGate } from './open-gate.ts';
import { MAP_SIZE } from './open-lmdb-env.ts';
import { checkLmdbFile } from './prepare-lmdb-file.ts';
import { resolveDataFile } from './resolve-data-file.ts';

function assertWhole(path: string): void {
  const state = checkLmdbFile(path);
  if (state === 'whole') return;
  const reason = state === 'new' ? 'the file is missing or empty' : 'its creation was interrupted';
  throw new StoreError(`cannot open '${path}' for reading: ${reason}`);
}

/**
 * Opens an existing data file for reading, without becoming a guard for other processes.
 *
 * The opening itself passes the gate, because even a native open for reading can revert a commit of another process.
 * Afterwards, this process leaves the gate. Other processes do not wait for answers of a process that has left. A reader
 * that is suspended, or that waits for its output, therefore cannot block an opening by another process.
 *
 * lmdb-js shares one native environment per process and file. A process must therefore not open the same file for writing
 * while this environment is open.
 *
 * @throws {@link StoreError} if the file is missing, empty, damaged or not an LMDB file.
 * @throws {@link StoreError} if other processes have the file open and none answers within 10 s.
 */
export function openReadOnlyEnv(givenPath: string, logger: Reporter): RootDatabase {
  const path = resolveDataFile(givenPath);
  // Check the file before entering the gate, which would create a directory next to a missing file.
  assertWhole(path);
  const options = {
    ...MAP_SIZE,
    path,
    noSubdir: true,
    readOnly: true,
    overlappingSync: false,
    permissionsMode: PRIVATE,
    isRoot: true,
  };
  const openFile = () => {
    assertWhole(path);
    return openAsClass(options) as unknown as new (
      name: null,
      options: object,
    ) => RootDatabase;
  };
  const { opened: Root, mayHaveLostCommit, gate } = openThroughGate(path, openFile, PRIVATE, logger);
  void gate.leave();
  const env = new Root(null, options);
  if (!mayHaveLostCommit) return env;
  void env.close();
  throw new StoreError(
    `cannot open '${path}': the process that held the writer lock has ended during the opening; open it again`,
  );
}
