import { InvalidRequestError, SerializationError, type StoreEventRequest } from 'rx-watcher';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf, faultPaths } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { requests, unstorable } from '../../../../src/testing/conformance/support/wrong-arguments.ts';
import { thenable } from '../../../scheduling/thenable.ts';
import { type Application, application } from '../open/application.ts';

describe('of a transaction that fails nothing is left', () => {
  let app: Application;

  beforeEach(async () => {
    app = await application();
    await app.store.storeEvent(created(1));
    await app.users.put('u1', 'Ada');
  });
  afterEach(() => app.remove());

  type Work = Parameters<Application['store']['transaction']>[0];

  /** Does some more, which is to leave no trace, in front of work that fails. */
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
    ['what LMDB itself might tell', Object.assign(new Error('MDB_MAP_FULL'), { code: -30_792 })],
    ['what looks like a failed commit', Object.assign(new Error('no'), { commitError: Promise.resolve() })],
  ])('if its work throws %s: it fails with that very thing', async (_what, thrown) => {
    const failure = await failing(() => {
      throw thrown;
    });

    expect(failure).toBe(thrown);
    await expectUntouched();
  });

  test.each<[string, () => unknown]>([
    ['a Promise', () => Promise.resolve(7)],
    ['a Promise that fails', () => Promise.reject(new Error('later'))],
    ['what is like a Promise', () => thenable((done: (value: number) => void) => done(7))],
    ['its last put', () => app.users.put('u3', 'awaited')],
  ])('if its work returns %s: InvalidRequestError', async (_what, give) => {
    const failure = await failing(() => give());

    expect(failure).toBeInstanceOf(InvalidRequestError);
    expect(faultPaths(failure)).toEqual(['work']);
    await expectUntouched();
  });

  test.each([[5], [undefined], [null], ['work'], [{}], [Promise.resolve(() => 7)]])(
    'if its work is %o and not a function: InvalidRequestError',
    async (work) => {
      const failure = await failureOf(app.store.transaction(work as never));

      expect(failure).toBeInstanceOf(InvalidRequestError);
      expect(faultPaths(failure)).toEqual(['work']);
      expect(String(failure)).toContain('must be a function');
      await expectUntouched();
    },
  );

  test('if its work is an async function, which cannot store behind its first await either', async () => {
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

  test.each(requests)('if a request has %s: InvalidRequestError', async (_what, wrong, paths) => {
    const failure = await failing((storeEvent) => storeEvent(wrong as never));

    expect(failure).toBeInstanceOf(InvalidRequestError);
    expect([...faultPaths(failure)].sort()).toEqual(paths);
    await expectUntouched();
  });

  test('if an object is larger than maxEventBytes: SerializationError', async () => {
    const failure = await failing((storeEvent) =>
      storeEvent(request('CREATE', 'Job', 'x'.repeat(1024 * 1024))),
    );

    expect(failure).toBeInstanceOf(SerializationError);
    expect(faultPaths(failure)).toEqual(['object']);
    await expectUntouched();
  });

  test.each(unstorable)('if an object has %s: SerializationError', async (_what, object, paths) => {
    const failure = await failing((storeEvent) =>
      storeEvent({ operation: 'CREATE', objectType: 'Job', object }),
    );

    expect(failure).toBeInstanceOf(SerializationError);
    expect([...faultPaths(failure)].sort()).toEqual(paths);
    await expectUntouched();
  });

  test('while work that catches what a request was refused with goes on', async () => {
    await app.store.transaction((storeEvent) => {
      expect(() => storeEvent({} as never)).toThrow(InvalidRequestError);
      storeEvent(created(2));
    });

    expect(seqNums(await readAll(app.store))).toEqual([1, 2]);
  });

  test('nor of what is stored by a storeEvent that was kept, when its transaction is over', async () => {
    let kept: ((one: StoreEventRequest) => unknown) | undefined;
    await failing((storeEvent) => {
      kept = storeEvent;
      throw new Error('no');
    });

    expect(() => kept?.(created(9))).toThrow(InvalidRequestError);
    await expectUntouched();
  });
});
