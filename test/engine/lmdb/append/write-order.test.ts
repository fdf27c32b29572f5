import { setImmediate } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { testEnv, testStore } from '../../../support/lmdb/test-store.ts';

test('a write after a transaction of the application does not overtake the writes that were called during the transaction', async () => {
  const env = testEnv();
  const store = testStore({ env });
  const written: Promise<unknown>[] = [];

  await env.transaction(async () => {
    await setImmediate();
    written.push(store.storeCheckpoint('w', 5));
  });
  written.push(store.storeEvent(created(1)), store.storeCheckpoint('w', 6));
  await Promise.all(written);

  expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(6);
});
