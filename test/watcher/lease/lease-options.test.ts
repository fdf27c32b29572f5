import { hostname } from 'node:os';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { InvalidOptionsError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { createEventStore } from '../../../src/store/create-event-store.ts';
import { grant, leaseOf } from '../../../src/testing/conformance/support/held-lease.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { faultsOf } from './faults-of.ts';

describe('the lease option of a manager', () => {
  it('a lease has by default a duration of five seconds, and the host and process id as its owner', async () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ scheduler: clock });
    const createWatcher = () =>
      createManager(store, { lease: true }).create('w', { handler: () => undefined });
    createWatcher().start();
    const second = createWatcher();
    second.start();
    expect(await leaseOf(store)).toEqual({ owner: `${hostname()}:${process.pid}`, token: 1, revision: 1 });
    await grant(store, { owner: 'other', token: 2 });
    clock.advanceBy(4999);
    expect(second.stats().state).toBe('standby');
  });

  it.each([
    ['a number', 5, ['lease']],
    ['false', false, ['lease']],
    ['a duration of 0', { duration: 0 }, ['lease.duration']],
    [
      'the duration NaN and a blank owner',
      { duration: Number.NaN, owner: ' ' },
      ['lease.duration', 'lease.owner'],
    ],
    ['a duration longer than a timer allows', { duration: 2 ** 31 }, ['lease.duration']],
  ])('a manager rejects %s as its option lease', (_name, lease, paths) => {
    expect(faultsOf(() => createManager(createMemoryStore(), { lease: lease as never }))).toEqual(paths);
  });

  it('the option lease is rejected on an engine without leases', () => {
    const { leases: _leases, ...log } = createMemoryEventLog();
    const store = createEventStore(log, {});
    expect(store).not.toHaveProperty('getLease');
    expect(() => createManager(store, { lease: true })).toThrow(InvalidOptionsError);
    expect(faultsOf(() => createManager(store, { lease: true }))).toEqual(['lease']);
    expect(() => createManager(store)).not.toThrow();
  });
});

describe('a store on an engine without leases', () => {
  it('a store on an engine without leases rejects a write of a checkpoint with a fencing token', async () => {
    const { leases: _leases, ...log } = createMemoryEventLog();
    const store = createEventStore(log, {});
    await expect(store.storeCheckpoint('w', 1, 1)).rejects.toBeInstanceOf(InvalidOptionsError);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBeUndefined();
  });
});
