import fc from 'fast-check';
import type { StoreEventRequest } from 'rx-watcher';
import { anyStoreCommand, request, requestWithId } from './arbitrary-commands.ts';
import { type AppCommand, collectGarbage, write } from './store-commands.ts';
import type { GcOptions } from './store-model.ts';
import type { Write } from './writing.ts';

const invalidRequest = fc.constantFrom<StoreEventRequest[]>(
  { operation: 'CREATE', objectType: '', object: 'without a type' },
  { operation: 'CREATE', objectType: 'Job', object: 1n },
);

const simple = { put: fc.constant<[string, number]>(['', 0]), throws: fc.constant(false) };

/** Returns the arbitraries of writes with these valid requests. */
function writesOf(valid: fc.Arbitrary<StoreEventRequest>) {
  const anyRequest = fc.oneof({ weight: 15, arbitrary: valid }, { weight: 1, arbitrary: invalidRequest });
  const append = fc.oneof<fc.Arbitrary<Write>[]>(
    fc.record({ as: fc.constant('event'), requests: fc.tuple(anyRequest), ...simple }),
    fc.record({ as: fc.constant('batch'), requests: fc.array(anyRequest, { maxLength: 5 }), ...simple }),
  );
  const transaction: fc.Arbitrary<Write> = fc.record({
    as: fc.constant('transaction'),
    requests: fc.array(anyRequest, { maxLength: 4 }),
    put: fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.nat(9)),
    throws: fc.boolean(),
  });
  return { append, transaction };
}

const { append, transaction } = writesOf(request);
const withIds = writesOf(requestWithId);

const concurrent = (one: fc.Arbitrary<Write>) => fc.array(one, { minLength: 1, maxLength: 4 }).map(write);
const single = (one: fc.Arbitrary<Write>) => fc.tuple(one).map(write);

/** Commands that a memory store supports. */
export const anyCommand: readonly fc.Arbitrary<AppCommand>[] = [
  ...anyStoreCommand,
  concurrent(append),
  single(withIds.append),
  fc.constant(collectGarbage()),
  fc.constant(collectGarbage()),
];

/** Additional commands of a store with transactions. */
export const transacting: fc.Arbitrary<AppCommand> = fc.oneof(
  concurrent(fc.oneof(append, transaction, transaction)),
  single(withIds.transaction),
);

/** Options of garbage collection: by age, by number of events, both or none. */
export const anyGcOptions: fc.Arbitrary<GcOptions> = fc.record({
  gcAgeThreshold: fc.constantFrom(0, 1, 10),
  gcMaxRecordsPerRun: fc.constantFrom(1, 7, 1000),
  maxEvents: fc.constantFrom(0, 15, 1_000_000, 1_000_000),
});
