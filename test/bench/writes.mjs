// Three kinds of conditional writes: transactions, checkpoints under a lease, and renewals of the lease. Each is compared with
// a transaction of lmdb-js that puts one event. Also measures the longest delay of the event loop during the conditional writes.
import { alone, compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fresh, openRaw, openStore } from './logs.mjs';
import { longestLoopDelay } from './loop-delay.mjs';
import { request } from './request.mjs';

/** Numbers of writes in flight. */
const WRITERS = [1, 64];

export async function writes({ rounds, size, directory }) {
  const store = openStore(fresh(directory, 'writes'));
  const raw = openRaw(fresh(directory, 'writes-raw'));
  let key = 0;
  await store.storeEvent(request(0));
  const holder = { owner: 'a', token: 1 };
  let revision = await store.internals.leases.store('w', holder, 0);
  const put = (n) => raw.transaction(() => void raw.put(++key, request(n)));
  const kinds = [
    ['transaction of one event', (n) => store.transaction((storeEvent) => void storeEvent(request(n)))],
    ['checkpoint under a lease', () => store.storeCheckpoint('w', 1, holder.token)],
  ];
  const held = [];
  const watched = async (run) => void held.push(await longestLoopDelay(run));
  const figures = [];
  const measure = async (name, writers, write, other = 'raw transaction of one put') => {
    const total = size(writers === 1 ? 1000 : 10_000, 200);
    figures.push(
      await compare({
        name: `${name}, ${writers} in flight`,
        rounds,
        total,
        ours: { run: () => watched(() => inFlight(writers, total, write)) },
        other,
        theirs: { run: () => inFlight(writers, total, put) },
      }),
    );
  };
  for (const [name, write] of kinds) for (const writers of WRITERS) await measure(name, writers, write);
  await measure('renewal of a lease', 1, async () => {
    revision = await store.internals.leases.store('w', holder, revision);
  });
  await Promise.all([store.close(), raw.close()]);
  return [...figures, alone('longest block of the event loop by conditional writes', 'ms', held)];
}
