import { createManager, type EventStore, type Logger, type WatchOptions, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { throwError } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';

type Warning = readonly [message: string, code: string | undefined];
type Start = (options?: Partial<WatchOptions>) => void;

const handler = () => undefined;
let store: EventStore;
let warnings: Warning[];

beforeEach(() => {
  warnings = [];
  const warn = (message: string, code?: string) => void warnings.push([message, code]);
  const logger: Logger = { debug() {}, info() {}, warn, error() {} };
  const plain = createMemoryStore({ scheduler: new VirtualClock() });
  // A logger in the options of a store receives messages without their codes. This test needs the codes, so it replaces
  // `internals.logger`, which the watchers call with both.
  store = { ...plain, internals: { ...plain.internals, logger } };
});

const holdLease = async () => {
  await store.internals.leases?.store('w', { owner: 'worker 3', token: 1 }, 0);
};

const starts: readonly [string, Start][] = [
  [
    'watch',
    (options) => {
      watch(store, 'w', { handler, ...options } as WatchOptions).subscribe();
    },
  ],
  [
    'a manager without leases',
    (options) => {
      createManager(store).create('w', { handler, ...options, autoStart: true });
    },
  ],
];

describe.each(starts)('a watcher of %s, which ignores leases', (_name, start) => {
  it('a watcher without a lease warns if another process holds the lease of the same watcher id', async () => {
    await holdLease();
    start();
    expect(warnings).toEqual([
      [
        expect.stringMatching(
          /^watcher 'w': runs without a lease, but 'worker 3' holds the lease of this id/,
        ),
        'RX_WATCHER_LEASE_IGNORED',
      ],
    ]);
  });

  it('a watcher without a lease does not warn if no lease of its id exists', () => {
    start();
    expect(warnings).toEqual([]);
  });

  it('a watcher without a lease does not warn if the lease of its id was released', async () => {
    await store.internals.leases?.store('w', { token: 1 }, 0);
    start();
    expect(warnings).toEqual([]);
  });

  it('an ephemeral watcher does not warn if another process holds the lease of its id', async () => {
    await holdLease();
    start({ ephemeral: true });
    expect(warnings).toEqual([]);
  });

  it('a watcher without a lease runs even if the lease of its id cannot be read', async () => {
    const leases = { ...store.internals.leases, get: () => throwError(() => new Error('no answer')) };
    store = { ...store, internals: { ...store.internals, leases } as never };
    void store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: 1 });
    let handled = 0;
    start({ handler: () => void handled++ });
    await Promise.resolve();
    expect({ handled, warnings }).toEqual({ handled: 1, warnings: [] });
  });
});

it('a watcher with a lease does not warn while another process holds that lease', async () => {
  await holdLease();
  createManager(store, { lease: true }).create('w', { handler, autoStart: true });
  expect(warnings).toEqual([]);
});
