import { hostname } from 'node:os';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { InvalidOptionsError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { createEventStore } from '../../../src/store/create-event-store.ts';
import { grant, leaseOf } from '../../../src/testing/conformance/support/held-lease.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { faultsOf } from './faults-of.ts';

describe('the lease of a manager', () => {
  it('has defaults: five seconds, the host and the process', async () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ scheduler: clock });
    const make = () => createManager(store, { lease: true }).create('w', { handler: () => undefined });
    make().start();
    const second = make();
    second.start();
    expect(await leaseOf(store)).toEqual({ owner: `${hostname()}:${process.pid}`, token: 1, revision: 1 });
    await grant(store, { owner: 'gone', token: 2 });
    clock.advanceBy(4999);
    expect(second.stats().state).toBe('standby');
  });

  it.each([
    ['no options', 5, ['lease']],
    ['false', false, ['lease']],
    ['no time', { duration: 0 }, ['lease.duration']],
    ['a time that is none', { duration: Number.NaN, owner: ' ' }, ['lease.duration', 'lease.owner']],
    ['a time that no timer knows', { duration: 2 ** 31 }, ['lease.duration']],
  ])('is refused with every fault: %s', (_what, lease, paths) => {
    expect(faultsOf(() => createManager(createMemoryStore(), { lease: lease as never }))).toEqual(paths);
  });

  it('is refused on an engine that keeps none', () => {
    const { leases: _none, ...log } = createMemoryEventLog();
    const store = createEventStore(log, {});
    expect(store).not.toHaveProperty('getLease');
    expect(() => createManager(store, { lease: true })).toThrow(InvalidOptionsError);
    expect(faultsOf(() => createManager(store, { lease: true }))).toEqual(['lease']);
    expect(() => createManager(store)).not.toThrow();
  });
});

describe('a store on an engine that keeps no leases', () => {
  it('refuses a token, rather than not to heed it', async () => {
    const { leases: _none, ...log } = createMemoryEventLog();
    const store = createEventStore(log, {});
    await expect(store.storeCheckpoint('w', 1, 1)).rejects.toBeInstanceOf(InvalidOptionsError);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBeUndefined();
  });
});
