import { createManager, type EventStore, type HealthOptions, StoreError } from 'rx-watcher';
import { faultyStore } from 'rx-watcher/testing';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { deadLetter } from '../../../src/testing/conformance/support/dead-letters.ts';
import { managed, statsIn } from '../../support/watcher/managed-watcher.ts';

const handler = () => undefined;

/** Creates a manager with a watcher that has not handled three events, which are 100 ms old. */
function lagging(options: Parameters<typeof managed>[0] = {}) {
  const all = managed(options);
  all.clock.advanceBy(100);
  const health = (given?: HealthOptions) => firstValueFrom(all.manager.health(given));
  return { ...all, health };
}

describe('the health of a manager', () => {
  it('the health of a manager is pass, and is emitted once, if the store can be read and a watcher is running', async () => {
    const { watcher, manager } = lagging();
    watcher.start();
    const emitted = await lastValueFrom(manager.health().pipe(toArray()));
    expect(emitted).toEqual([
      {
        status: 'pass',
        checks: [
          { name: 'store', status: 'pass', message: 'the store can be read' },
          { name: 'state', watcherId: 'w', status: 'pass', message: 'running' },
        ],
      },
    ]);
  });

  it('the health of a manager without watchers is pass', async () => {
    const { store } = lagging();
    expect(await firstValueFrom(createManager(store).health())).toMatchObject({ status: 'pass' });
  });

  it('the health of a manager is warn if a watcher is idle, paused or stopped', async () => {
    const { watcher, byHand, health } = lagging();
    const state = async () => {
      const { status, checks } = await health();
      return [status, checks[1]?.status, checks[1]?.message];
    };
    expect(await state()).toEqual(['warn', 'warn', 'idle']);
    watcher.start();
    watcher.pause();
    expect(await state()).toEqual(['warn', 'warn', 'paused']);
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    expect(await state()).toEqual(['warn', 'warn', 'stopped']);
  });

  it('the health of a manager is fail if one watcher has failed and another watcher causes a warning', async () => {
    const fail = () => {
      throw new RangeError('no such job');
    };
    const { watcher, manager, health } = lagging({
      handler: fail,
      retryStrategy: 'stop',
      maxRetries: 0,
    });
    manager.create('idle', { handler });
    watcher.start();
    await statsIn(watcher, 'failed');
    const { status, checks } = await health();
    expect([status, ...checks.map((check) => check.status)]).toEqual(['fail', 'pass', 'fail', 'warn']);
    expect(checks[1]?.message).toMatch(/^failed: EventHandlingError: .*no such job/);
  });

  it.each<[HealthOptions, string, string]>([
    [{ maxLag: 2 }, 'lag', 'warn'],
    [{ maxLag: 3 }, 'lag', 'pass'],
    [{ maxLagTime: 99 }, 'lagTime', 'warn'],
    [{ maxLagTime: 100 }, 'lagTime', 'pass'],
    [{ maxDeadLetters: 0 }, 'deadLetters', 'warn'],
    [{ maxDeadLetters: 1 }, 'deadLetters', 'pass'],
  ])(
    'with lag 3, lagTime 100 and one dead letter, the options %j give the health check %s the status %s',
    async (options, name, status) => {
      const { watcher, store, health } = lagging();
      await store.storeDeadLetter(deadLetter(1, { watcherId: 'other' }));
      watcher.start();
      const result = await health(options);
      expect(result.status).toBe(status);
      expect(result.checks.filter((check) => check.name === name)).toMatchObject([{ status }]);
    },
  );

  it('the health of a manager contains the lag of a paused watcher', async () => {
    const { watcher, health } = lagging();
    watcher.start();
    watcher.pause();
    const { checks } = await health({ maxLag: 0, maxLagTime: 0 });
    expect(checks.slice(2).map(({ message }) => message)).toEqual([
      'lag is 3; the limit is 0',
      'lagTime is 100; the limit is 0',
    ]);
  });

  it.each<[string, (store: EventStore) => Promise<EventStore>]>([
    [
      'cannot be read',
      async (store) =>
        faultyStore(store, [{ method: 'getLatestSeqNum', error: new StoreError('disk lost') }]),
    ],
    [
      'is closed',
      async (store) => {
        await store.close();
        return store;
      },
    ],
  ])(
    'the health of a manager is fail, and its Observable does not error, if the store %s',
    async (_name, broken) => {
      const { store } = lagging();
      const manager = createManager(await broken(store));
      const { status, checks } = await firstValueFrom(manager.health());
      expect([status, checks[0]?.name, checks[0]?.status]).toEqual(['fail', 'store', 'fail']);
      expect(checks[0]?.message).toMatch(/disk lost|closed/);
    },
  );

  it('the health of a manager contains the states that the watchers have at the subscription, not at the call', async () => {
    const { watcher, manager } = lagging();
    const health$ = manager.health();
    watcher.start();
    expect((await firstValueFrom(health$)).status).toBe('pass');
  });

  it.each([{ maxLag: -1 }, { maxLagTime: Number.NaN }, { maxDeadLetters: 0.5 }, { maxLags: 1 }])(
    'the health of a manager cannot be requested with the options %o',
    (options) => {
      const { manager } = lagging();
      expect(() => manager.health(options as HealthOptions)).toThrow(/options of health/);
    },
  );
});
