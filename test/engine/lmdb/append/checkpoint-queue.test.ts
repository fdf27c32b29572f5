import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { type EventStore, StoreError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';

const deadLetter = { seqNum: 1, errors: [], attempts: 1, firstTime: new Date(0), lastTime: new Date(0) };
const watcherId = fc.constantFrom('v', 'w');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ store: watcherId, seqNum: fc.nat(9) }) },
  fc.record({ delete: watcherId }),
  fc.record({ giveUp: watcherId, checkpoint: fc.nat(9) }),
  fc.record({ append: fc.constant(true) }),
  fc.record({ turn: fc.constant(true) }),
  fc.record({ wait: fc.constant(true) }),
);

describe('concurrent writes of checkpoints on LMDB', () => {
  let path: string;
  let store: EventStore;

  eachDirectory(async (directory) => {
    path = directory.file('events.lmdb');
    store = openLmdbStore({ path });
    await store.storeEvent(created(1));
  });

  const checkpoints = () => firstValueFrom(store.checkpoints());

  test('concurrent writes of checkpoints on LMDB take effect in the order of their calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        for (const id of (await checkpoints()).keys()) await store.deleteCheckpoint(id);
        const model = new Map<string, number>();
        let written: Promise<unknown>[] = [];
        for (const one of steps) {
          if ('store' in one) {
            model.set(one.store, one.seqNum);
            written.push(store.storeCheckpoint(one.store, one.seqNum));
          } else if ('delete' in one) {
            model.delete(one.delete);
            written.push(store.deleteCheckpoint(one.delete));
          } else if ('giveUp' in one) {
            model.set(one.giveUp, one.checkpoint);
            written.push(store.storeDeadLetter({ ...deadLetter, watcherId: one.giveUp }, one.checkpoint));
          } else if ('append' in one) {
            written.push(store.storeEvent(created(1)));
          } else if ('turn' in one) {
            await setImmediate();
          } else {
            await Promise.all(written);
            written = [];
            expect(await checkpoints()).toEqual(model);
          }
        }
        await Promise.all(written);
        expect(await checkpoints()).toEqual(model);
      }),
    );
    await store.close();
  });

  test('concurrent writes of checkpoints resolve when the checkpoint can be read, for each of a thousand watchers', async () => {
    const ids = span(1, 1000).map((n) => `w${n}`);
    const found = await Promise.all(
      ids.map(async (id, index) => {
        await store.storeCheckpoint(id, index);
        return firstValueFrom(store.getCheckpoint(id));
      }),
    );
    expect(found).toEqual([...ids.keys()]);
    await store.close();
  });

  test('each write of a checkpoint is rejected with a StoreError after the application has closed the environment', async () => {
    await store.close();
    const env = openEnv(path);
    store = openLmdbStore({ env });
    await env.close();
    for (const _ of span(1, 3)) {
      const failures = await Promise.all([
        failureOf(store.storeCheckpoint('v', 1)),
        failureOf(store.storeCheckpoint('w', 1)),
      ]);
      for (const failure of failures) expect(failure).toBeInstanceOf(StoreError);
    }
    await store.close();
  });
});
