import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { WATCHERS } from '../watchers.mjs';

/** Number of events at the end of the log that are read at an opening. */
const TAIL = 100;

/**
 * Repeatedly opens the file, reads it and closes it. Records each gap in the sequence numbers, and each decrease of the
 * latest number.
 */
export async function look({ rx, random, journal, openOften, openStore, pause }) {
  let seen = 0;

  const readLatest = async (store) => {
    const latest = await firstValueFrom(store.getLatestSeqNum());
    if (latest < seen) journal.note('back', seen, latest);
    seen = Math.max(seen, latest);
    return latest;
  };
  const readTail = (read) => async (store) => {
    const latest = await readLatest(store);
    const after = Math.max(0, latest - TAIL);
    try {
      const tail = store[read](rx.afterSequenceNumber(after), { live: false });
      const found = await lastValueFrom(tail.pipe(toArray()));
      const isWhole =
        found.length >= latest - after && found.every(({ seqNum }, n) => seqNum === after + 1 + n);
      if (!isWhole) journal.note('hole', after, latest);
    } catch (error) {
      if (!(error instanceof rx.SequenceTrimmedError)) throw error;
    }
  };
  const looks = [
    readLatest,
    readTail('events'),
    readTail('headers'),
    (store) => firstValueFrom(store.checkpoints()),
    (store) => lastValueFrom(store.deadLetters(random.pick(WATCHERS)).pipe(toArray())),
  ];

  await openOften(openStore, async ({ store }) => {
    await random.pick(looks)(store);
    if (random.oneIn(4)) await pause();
  });
}
