import fc from 'fast-check';
import { copyLog, type EventStore, messagePackSerializer, type StoreEventRequest } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom, lastValueFrom, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { VirtualTime } from '../../../../src/testing/conformance/support/virtual-time.ts';
import { eachDirectory } from '../../../conformance/each-directory.ts';

const request: fc.Arbitrary<StoreEventRequest> = fc.record({
  operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE'),
  objectType: fc.constantFrom('Job', 'Note', 'Execution'),
  // MessagePack, in which the copies are stored, refuses this key.
  object: fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"__proto__":')),
});

/** A life of a log, and of a copy of it: what is stored at one go and how long after, what is kept, when one copies. */
const life = fc.record({
  appends: fc.array(fc.tuple(fc.array(request, { maxLength: 8 }), fc.nat(5000)), { maxLength: 12 }),
  maxEvents: fc.constantFrom(0, 3, 1000, 1000),
  checkpoints: fc.dictionary(fc.constantFrom('v', 'w', '__proto__'), fc.nat(20)),
  batchSize: fc.integer({ min: 1, max: 9 }),
  givenUp: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
});

describe.each(['from memory to LMDB', 'from LMDB to memory', 'from LMDB to LMDB'])('a copy %s', (way) => {
  let file: (name: string) => string;
  let runs = 0;

  eachDirectory((directory) => {
    file = (name) => directory.file(name);
  });

  test('is the log, whatever that went through, and however often it was given up', async () => {
    const [sourceIs, targetIs] = way.split(' to ').map((end) => end.includes('LMDB')) as [boolean, boolean];
    await fc.assert(
      fc.asyncProperty(life, async ({ appends, maxEvents, checkpoints, batchSize, givenUp }) => {
        const time = new VirtualTime();
        const run = ++runs;
        const options = { retention: { maxEvents }, gcAgeThreshold: 0, gcCadence: 2 ** 31 - 1 };
        const source: EventStore = sourceIs
          ? openLmdbStore({ path: file(`${run} from`), scheduler: time, ...options })
          : createMemoryStore({ scheduler: time, ...options });
        const serializer = messagePackSerializer();
        const target: EventStore = targetIs
          ? openLmdbStore({ path: file(`${run} to`), serializer })
          : createMemoryStore({ serializer });
        for (const [requests, later] of appends) {
          time.advance(later);
          await source.storeEvents(requests);
        }
        for (const [id, seqNum] of Object.entries(checkpoints)) await source.storeCheckpoint(id, seqNum);
        await source.collectGarbage();

        const copy = copyLog(source, target, { batchSize });
        for (const reports of givenUp) await goOn(time, lastValueFrom(copy.pipe(take(reports))));
        await goOn(time, lastValueFrom(copy));

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
});

/** Waits for work that may wait for no time at all, at the place where a log that holds nothing ends. */
async function goOn<T>(time: VirtualTime, work: Promise<T>): Promise<T> {
  time.advance(0);
  return work;
}
