import { InvalidRequestError, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

const store = createMemoryStore();
const valid = { operation: 'CREATE', objectType: 'Job', object: { id: 'j1' } } as const;

/** Returns the faults of a request, and checks that nothing was stored. */
async function faultsOf(request: unknown, append: (request: never) => Promise<unknown> = store.storeEvent) {
  const before = await firstValueFrom(store.getLatestSeqNum());
  const error = await (async () => append(request as never))().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(await firstValueFrom(store.getLatestSeqNum())).toBe(before);
  return (error as InvalidRequestError).faults;
}

const missing = { path: 'object', message: 'is missing; it must be the object that the event is about' };

describe('the check of the fields of a request', () => {
  it('a request is rejected if a field is unknown or the object is missing', async () => {
    const { operation, objectType } = valid;
    expect(await faultsOf({ operation, objectType, obj: 1 })).toEqual([
      { path: 'obj', message: "is not a field of a request; did you mean 'object'?" },
      missing,
    ]);
    expect(await faultsOf({ operation, objectType })).toEqual([missing]);
  });

  it('a request is rejected because of an unknown field even if all required fields are valid', async () => {
    expect(await faultsOf({ ...valid, objectTypes: 'Job' })).toEqual([
      { path: 'objectTypes', message: "is not a field of a request; did you mean 'objectType'?" },
    ]);
    expect(await faultsOf({ ...valid, zzz: 1 })).toEqual([
      {
        path: 'zzz',
        message:
          'is not a field of a request; the fields are operation, objectType, object, key, id, metadata',
      },
    ]);
  });

  it('a misspelled operation is rejected with the most similar known name in the message', async () => {
    expect(await faultsOf({ ...valid, operation: 'create' })).toEqual([
      {
        path: 'operation',
        message:
          "must be one of CREATE, UPDATE, DELETE; received a string of 6 characters; did you mean 'CREATE'?",
      },
    ]);
  });

  it('a whole batch is rejected because of one request, with the index of that request in the path of the fault', async () => {
    const faults = await faultsOf([valid, { ...valid, obj: 1 }], store.storeEvents);
    expect(faults.map(({ path }) => path)).toEqual(['1.obj']);
  });

  it('the error of a request lists at most ten unknown fields in its message', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field${index}`, index]));
    expect(await faultsOf({ ...valid, ...many })).toHaveLength(10);
  });

  it('a stored event is accepted as a request, and is stored again under a new number', async () => {
    const event = await store.storeEvent(valid);
    const again = await store.storeEvent(event);
    expect(again).toMatchObject({ ...valid, seqNum: event.seqNum + 1 });
  });

  it('a request that is an instance of a class is accepted if the class defines the fields of a request', async () => {
    class Created {
      readonly operation = 'CREATE';
      get objectType() {
        return 'Job';
      }
      get object() {
        return { id: 'j2' };
      }
    }
    const { seqNum } = await store.storeEvent(new Created());
    const events = await lastValueFrom(store.events(trimHorizon(), { live: false }).pipe(toArray()));
    expect(events[seqNum - 1]).toMatchObject({ objectType: 'Job', object: { id: 'j2' } });
  });
});
