import fc from 'fast-check';
import { copyLog, type EventStore, messagePackSerializer, type StoreEventRequest } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom, lastValueFrom, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachDirectory } from '../../../support/each-directory.ts';

const request: fc.Arbitrary<StoreEventRequest> = fc.record({
  operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE'),
  objectType: fc.constantFrom('Job', 'Note', 'Execution'),
  // The target serializes with MessagePack, which rejects objects with the key __proto__.
  object: fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"__proto__":')),
});

/**
 * Scenario of a copy. `appends` contains the requests of each append and the time before the append, in milliseconds.
 * `interruptions` contains the number of progress reports after which each of the first copies is interrupted.
 */
const scenario = fc.record({
  appends: fc.array(fc.tuple(fc.array(request, { maxLength: 8 }), fc.nat(5000)), { maxLength: 12 }),
  maxEvents: fc.constantFrom(0, 3, 1000, 1000),
  checkpoints: fc.dictionary(fc.constantFrom('v', 'w', '__proto__'), fc.nat(20)),
  batchSize: fc.integer({ min: 1, max: 9 }),
  interruptions: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
});

describe.each(['from memory to LMDB', 'from LMDB to memory', 'from LMDB to LMDB'])(
  'a copy %s',
  (direction) => {
    let file: (name: string) => string;
    let runs = 0;

    eachDirectory((directory) => {
      file = (name) => directory.file(name);
    });

    test('a copy contains the same events and checkpoints as its source, even if the copy was interrupted and repeated', async () => {
      const [isSourceLmdb, isTargetLmdb] = direction.split(' to ').map((end) => end.includes('LMDB')) as [
        boolean,
        boolean,
      ];
      await fc.assert(
        fc.asyncProperty(scenario, async ({ appends, maxEvents, checkpoints, batchSize, interruptions }) => {
          const time = new VirtualClock();
          const run = ++runs;
          const options = { retention: { maxEvents }, gcAgeThreshold: 0, gcCadence: 2 ** 31 - 1 };
          const source: EventStore = isSourceLmdb
            ? openLmdbStore({ path: file(`${run} from`), scheduler: time, ...options })
            : createMemoryStore({ scheduler: time, ...options });
          const serializer = messagePackSerializer();
          const target: EventStore = isTargetLmdb
            ? openLmdbStore({ path: file(`${run} to`), serializer })
            : createMemoryStore({ serializer });
          for (const [requests, later] of appends) {
            time.advanceBy(later);
            await source.storeEvents(requests);
          }
          for (const [id, seqNum] of Object.entries(checkpoints)) await source.storeCheckpoint(id, seqNum);
          await source.collectGarbage();

          const copy = copyLog(source, target, { batchSize });
          for (const reports of interruptions)
            await withTimers(time, lastValueFrom(copy.pipe(take(reports))));
          await withTimers(time, lastValueFrom(copy));

          const [events, latest] = [await readAll(source), await firstValueFrom(source.getLatestSeqNum())];
          expect(await readAll(target)).toEqual(events);
          expect(await firstValueFrom(target.getLatestSeqNum())).toBe(latest);
          expect(await firstValueFrom(target.checkpoints())).toEqual(
            await firstValueFrom(source.checkpoints()),
          );
          await Promise.all([source.close(), target.close()]);
        }),
        { numRuns: 25 },
      );
    });
  },
);

/** Triggers the timers of 0 ms, because a read of an empty log waits for such a timer, and then awaits a Promise. */
async function withTimers<T>(time: VirtualClock, promise: Promise<T>): Promise<T> {
  time.advanceBy(0);
  return promise;
}
