import fc from 'fast-check';
import { inspectLmdbFile } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { draft, trimThrough } from '../../../../src/testing/conformance/log-fixture.ts';
import { openLmdbLog } from '../../../support/lmdb/lmdb-log.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

type Step =
  | { readonly kind: 'append'; readonly sizes: readonly number[] }
  | { readonly kind: 'trim'; readonly share: number }
  | { readonly kind: 'checkpoint'; readonly ids: number; readonly isStored: boolean }
  | { readonly kind: 'compact' | 'reopen' };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      kind: fc.constant('append' as const),
      sizes: fc.array(fc.oneof(fc.nat(200), fc.nat(20_000)), { minLength: 1, maxLength: 60, size: 'max' }),
    }),
    fc.record({ kind: fc.constant('trim' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant('checkpoint' as const), ids: fc.nat(60), isStored: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('compact' as const, 'reopen' as const) }),
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

test('inspectLmdbFile accepts a valid file after arbitrary operations on the log', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const directory = await temporaryDirectory();
      const path = directory.file('events.lmdb');
      let log = openLmdbLog(path);
      let latest = 0;
      for (const step of all) {
        if (step.kind === 'append') {
          const { firstSeqNum } = await log.append(
            step.sizes.map((size) => draft('x'.repeat(size))),
            0,
          );
          latest = firstSeqNum + step.sizes.length - 1;
        } else if (step.kind === 'trim') {
          await trimThrough(log, Math.round(latest * step.share));
        } else if (step.kind === 'checkpoint') {
          const ids = Array.from({ length: step.ids }, (_, index) => `watcher ${index}`);
          await Promise.all(
            ids.map((id) => (step.isStored ? log.storeCheckpoint(id, 1) : log.deleteCheckpoint(id))),
          );
        } else if (step.kind === 'compact') {
          await log.compact?.(10_000);
        } else {
          await log.close();
          log = openLmdbLog(path);
        }
        expect(() => inspectLmdbFile(path)).not.toThrow();
      }
      await log.close();
      expect(() => inspectLmdbFile(path)).not.toThrow();
      await directory.remove();
    }),
    { numRuns: 15 },
  );
});
