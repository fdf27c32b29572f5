import { bufferCount, takeWhile } from 'rxjs';

const BATCH = 500;

/**
 * Records the events of a log in the journal. If events were trimmed, notes their last number, and continues with the oldest
 * event of the log.
 *
 * @param after - Sequence number after which to start.
 * @param maxTimestamp - Latest timestamp of the events, in milliseconds.
 * @returns Sequence number of the last event recorded.
 */
export async function recordEvents({ rx, journal }, store, after, maxTimestamp) {
  let through = after;
  const events = store.events(rx.afterSequenceNumber(after), { live: false }).pipe(
    takeWhile(({ timestamp }) => timestamp.getTime() <= maxTimestamp),
    bufferCount(BATCH),
  );
  try {
    await events.forEach((batch) => {
      journal.noteAll(
        batch.map(({ seqNum, object, objectType }) => ['stored', seqNum, object.id, objectType]),
      );
      through = batch.at(-1).seqNum;
    });
    return through;
  } catch (error) {
    if (!(error instanceof rx.SequenceTrimmedError)) throw error;
    const trimmed = error.oldest - 1;
    journal.note('trimmed', trimmed);
    return recordEvents({ rx, journal }, store, trimmed, maxTimestamp);
  }
}
