// What is left of the rate of raw puts if each gives back a copy of what it has stored, as a store is asked to.
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fresh, openRaw } from './logs.mjs';
import { request } from './request.mjs';

const WRITERS = 1024;

/** An object of its own, in the quickest way there is for this one: it shares nothing that somebody may change. */
const copyOf = ({ operation, objectType, object: { id, n, text, tags, done } }) => ({
  operation,
  objectType,
  object: { id, n, text, tags: [...tags], done },
});

export async function givenBack({ rounds, size, directory }) {
  const total = size(100_000, 5000);
  const giving = openRaw(fresh(directory, 'giving'));
  const raw = openRaw(fresh(directory, 'giving-raw'));
  let key = 0;
  const putAndGiveBack = (n) => {
    const seqNum = ++key;
    const event = copyOf(request(n));
    return giving.put(seqNum, event).then(() => ({ ...event, seqNum, timestamp: new Date() }));
  };
  const figure = await compare({
    name: `raw put that gives back a copy, ${WRITERS} in flight`,
    rounds,
    total,
    ours: { run: () => inFlight(WRITERS, total, putAndGiveBack) },
    other: 'raw put',
    theirs: { run: () => inFlight(WRITERS, total, (n) => raw.put(++key, request(n))) },
  });
  await Promise.all([giving.close(), raw.close()]);
  return [figure];
}
