import { expect, test, vi } from 'vitest';
import { wakeWaitingThreads } from '../../../../src/engine/lmdb/open/wake-waiting-threads.ts';

test('wakeWaitingThreads does not throw if a sandbox forbids the system call setegid', () => {
  const setGroup = vi.spyOn(process, 'setegid').mockImplementation(() => {
    throw new Error('operation not permitted');
  });

  expect(wakeWaitingThreads).not.toThrow();

  setGroup.mockRestore();
});
