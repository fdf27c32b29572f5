import { InvalidRequestError, SerializationError, type StoreEventRequest } from 'rx-watcher';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf, faultPaths } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { requests, unstorable } from '../../../../src/testing/conformance/support/wrong-arguments.ts';
import { type Application, application } from '../../../support/lmdb/application.ts';
import { thenable } from '../../../support/thenable.ts';

describe('a transaction on LMDB', () => {
  let app: Application;

  beforeEach(async () => {
    app = await application();
    await app.store.storeEvent(created(1));
    await app.users.put('u1', 'Ada');
  });
  afterEach(() => app.remove());

  type Work = (storeEvent: (request: StoreEventRequest) => unknown) => unknown;

  /** Runs a transaction that puts users, stores an event, and then calls a function that makes the transaction fail. */
  const failing = (work: Work) =>
    failureOf(
      app.store.transaction((storeEvent) => {
        void app.users.put('u1', 'changed');
        void app.users.put('u2', 'new');
        storeEvent(created(2));
        return work(storeEvent);
      }),
    );

  const expectUntouched = async () => {
    expect([...app.users.getRange()]).toEqual([{ key: 'u1', value: 'Ada' }]);
    expect((await readAll(app.store)).map(({ object }) => object)).toEqual([{ n: 1 }]);
    const [next] = await app.store.storeEvents([created(3)]);
    expect(next).toMatchObject({ seqNum: 2, object: { n: 3 } });
    expect((await readAll(app.store)).map(({ object }) => object)).toEqual([{ n: 1 }, { n: 3 }]);
  };

  test.each<[string, unknown]>([
    ['an error', new Error('out of stock')],
    ['an error that is frozen', Object.freeze(new Error('out of stock'))],
    ['null', null],
    ['undefined', undefined],
    ['a string', 'out of stock'],
    ['0', 0],
    ['an error with a code of LMDB', Object.assign(new Error('MDB_MAP_FULL'), { code: -30_792 })],
    [
      'an error that resembles a failed commit',
      Object.assign(new Error('no'), { commitError: Promise.resolve() }),
    ],
  ])(
    'a transaction stores nothing and rejects with the thrown value if its work function throws %s',
    async (_what, thrown) => {
      const failure = await failing(() => {
        throw thrown;
      });

      expect(failure).toBe(thrown);
      await expectUntouched();
    },
  );

  test.each<[string, () => unknown]>([
    ['a Promise', () => Promise.resolve(7)],
    ['a rejected Promise', () => Promise.reject(new Error('later'))],
    ['a thenable', () => thenable((resolve: (value: number) => void) => resolve(7))],
    ['the Promise of a put', () => app.users.put('u3', 'awaited')],
  ])(
    'a transaction stores nothing and rejects with an InvalidRequestError if its work function returns %s',
    async (_what, give) => {
      const failure = await failing(() => give());

      expect(failure).toBeInstanceOf(InvalidRequestError);
      expect(faultPaths(failure)).toEqual(['work']);
      await expectUntouched();
    },
  );

  test.each([[5], [undefined], [null], ['work'], [{}], [Promise.resolve(() => 7)]])(
    'a transaction stores nothing and rejects with an InvalidRequestError if its argument is %o instead of a function',
    async (work) => {
      const failure = await failureOf(app.store.transaction(work as never));

      expect(failure).toBeInstanceOf(InvalidRequestError);
      expect(faultPaths(failure)).toEqual(['work']);
      expect(String(failure)).toContain('must be a function');
      await expectUntouched();
    },
  );

  test('a transaction stores nothing if its work function is async, and a call of storeEvent after the first await is rejected', async () => {
    let later: unknown;
    let ended: Promise<void> | undefined;
    const work = async (storeEvent: (one: StoreEventRequest) => unknown) => {
      await Promise.resolve();
      try {
        storeEvent(created(9));
      } catch (error) {
        later = error;
      }
    };

    const failure = await failing((storeEvent) => {
      ended = work(storeEvent);
      return ended;
    });
    await ended;

    expect(failure).toBeInstanceOf(InvalidRequestError);
    expect(later).toBeInstanceOf(InvalidRequestError);
    await expectUntouched();
  });

  test.each(requests)(
    'a transaction stores nothing and rejects with an InvalidRequestError if a request has %s',
    async (_what, wrong, paths) => {
      const failure = await failing((storeEvent) => storeEvent(wrong as never));

      expect(failure).toBeInstanceOf(InvalidRequestError);
      expect([...faultPaths(failure)].sort()).toEqual(paths);
      await expectUntouched();
    },
  );

  test('a transaction stores nothing and rejects with a SerializationError if an object is larger than maxEventBytes', async () => {
    const failure = await failing((storeEvent) =>
      storeEvent(request('CREATE', 'Job', 'x'.repeat(1024 * 1024))),
    );

    expect(failure).toBeInstanceOf(SerializationError);
    expect(faultPaths(failure)).toEqual(['object']);
    await expectUntouched();
  });

  test.each(unstorable)(
    'a transaction stores nothing and rejects with a SerializationError if an object has %s',
    async (_what, object, paths) => {
      const failure = await failing((storeEvent) =>
        storeEvent({ operation: 'CREATE', objectType: 'Job', object }),
      );

      expect(failure).toBeInstanceOf(SerializationError);
      expect([...faultPaths(failure)].sort()).toEqual(paths);
      await expectUntouched();
    },
  );

  test('a transaction stores its valid requests if the work function catches the error of an invalid request', async () => {
    await app.store.transaction((storeEvent) => {
      expect(() => storeEvent({} as never)).toThrow(InvalidRequestError);
      storeEvent(created(2));
    });

    expect(seqNums(await readAll(app.store))).toEqual([1, 2]);
  });

  test('storeEvent of a transaction throws an InvalidRequestError after the work function has thrown', async () => {
    let retained: ((one: StoreEventRequest) => unknown) | undefined;
    await failing((storeEvent) => {
      retained = storeEvent;
      throw new Error('no');
    });

    expect(() => retained?.(created(9))).toThrow(InvalidRequestError);
    await expectUntouched();
  });
});
