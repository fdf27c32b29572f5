import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createEventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom, map } from 'rxjs';
import { expect, test } from 'vitest';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { openLmdbLog } from '../../../support/lmdb/lmdb-log.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const COUNT = 60;

/** Maximum number of events that one run deletes. */
const PER_RUN = 10;

type Step = 'collect' | 'turn' | { readonly by: 'here' | 'there'; readonly seqNum: number };

const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.constant('collect'),
  fc.constant('turn'),
  fc.record({ by: fc.constantFrom('here', 'there'), seqNum: fc.nat(COUNT) }),
);

test('garbage collection deletes no event after an acknowledged checkpoint, in any order of runs and checkpoint writes', async () => {
  const follow = async (steps: readonly Step[]) => {
    const directory = await temporaryDirectory();
    const path = directory.file('events.lmdb');
    const time = new VirtualClock();
    const log = openLmdbLog(path);
    const here = createEventStore(log, {
      scheduler: time,
      gcAgeThreshold: 1000,
      gcMaxRecordsPerRun: PER_RUN,
    });
    const there = openLmdbStore({ path, gcAgeThreshold: 0 });
    await here.storeEvents(span(1, COUNT).map(created));
    time.set(5000);
    const oldest = () => firstValueFrom(log.bounds().pipe(map((bounds) => bounds.oldest)));
    /** Checkpoints that were acknowledged while the log still held the event after the checkpoint. */
    const inTime: number[] = [];

    const begin = async (next: Step, id: string): Promise<void> => {
      if (next === 'collect') await here.collectGarbage();
      else if (next !== 'turn') {
        await { here, there }[next.by].storeCheckpoint(id, next.seqNum);
        if ((await oldest()) <= next.seqNum + 1) inTime.push(next.seqNum);
      }
    };
    const begun: Promise<void>[] = [];
    for (const [index, next] of steps.entries()) {
      begun.push(begin(next, `w${index}`));
      if (next === 'turn') await setImmediate();
    }
    await Promise.all(begun);
    const left = await oldest();
    await Promise.all([here.close(), there.close()]);
    await directory.remove();

    expect(left - 1).toBeLessThanOrEqual(Math.min(...inTime));
  };

  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25, size: 'max' }), follow), { numRuns: 60 });
});
