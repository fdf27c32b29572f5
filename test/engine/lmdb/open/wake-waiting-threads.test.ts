import { expect, test, vi } from 'vitest';
import { wakeWaitingThreads } from '../../../../src/engine/lmdb/open/wake-waiting-threads.ts';

test('a sandbox that forbids a change of the group does not fail the process', () => {
  const setGroup = vi.spyOn(process, 'setegid').mockImplementation(() => {
    throw new Error('operation not permitted');
  });

  expect(wakeWaitingThreads).not.toThrow();

  setGroup.mockRestore();
});
