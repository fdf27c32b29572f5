// Upper limit of the append rate of a store, compared with puts of lmdb-js without the library. The limit is the rate of puts
// that also do the minimum work of a store: each put returns a copy of the stored object. With one put in flight, each put
// also checks that no other process has appended.
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fresh, openRaw } from './logs.mjs';
import { request } from './request.mjs';

/** Returns a copy that shares no part with the object, in the fastest way for an object of this shape. */
const copyOf = ({ operation, objectType, object: { id, n, text, tags, done } }) => ({
  operation,
  objectType,
  object: { id, n, text, tags: [...tags], done },
});

/** Puts a copy of an event under its sequence number, and returns the stored event. */
async function giveBack(n, seqNum, put) {
  const event = copyOf(request(n));
  await put(seqNum, event);
  return { ...event, seqNum, timestamp: new Date() };
}

/** Returns a function that puts an event only if its sequence number is free and no other process has changed the log. */
function conditionalPut(env) {
  const events = env.openDB({ name: 'events', encoding: 'json' });
  const changes = env.openDB({ name: 'changes', encoding: 'binary', useVersions: true });
  return async (seqNum, event) => {
    const put = () => void events.ifNoExists(seqNum, () => void events.put(seqNum, event));
    if (!(await changes.ifVersion('count', null, put))) throw new Error('somebody else has appended');
  };
}

export async function bounds({ rounds, size, directory }) {
  const env = openRaw(fresh(directory, 'ours'));
  const raw = openRaw(fresh(directory, 'raw'));
  const putIf = conditionalPut(env);
  let key = 0;
  const against = (name, writers, total, put) =>
    compare({
      name: `${name}, ${writers} in flight`,
      rounds,
      total,
      ours: { run: () => inFlight(writers, total, (n) => giveBack(n, ++key, put)) },
      other: 'raw put',
      theirs: { run: () => inFlight(writers, total, (n) => raw.put(++key, request(n))) },
    });
  const figures = [
    await against('raw put that returns a copy', 1024, size(100_000, 5000), (seqNum, event) =>
      env.put(seqNum, event),
    ),
    await against('conditional raw put that returns a copy', 1, size(4000, 100), putIf),
  ];
  await Promise.all([env.close(), raw.close()]);
  return figures;
}
