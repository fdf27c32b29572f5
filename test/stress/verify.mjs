import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readAcknowledged } from './read-acknowledged.mjs';
import { readRecorded } from './read-recorded.mjs';

/** Counts the events that differ from their acknowledgement. */
function compareEvents({ events }, { stored, trimmedThrough, isWhole }) {
  const ids = [];
  const counts = { lost: 0, givenTwice: 0, unread: 0, unseen: 0 };
  for (const [seqNum, id] of events) {
    if (ids[seqNum] !== undefined) counts.givenTwice++;
    ids[seqNum] = id;
    if (stored[seqNum] === id) continue;
    // The event was trimmed before the auditor read it, so its id cannot be compared.
    if (stored[seqNum] === undefined && seqNum <= trimmedThrough) counts.unseen++;
    else if (stored[seqNum] === undefined && !isWhole) counts.unread++;
    else counts.lost++;
  }
  return counts;
}

/** Counts the events that are stored under two sequence numbers. */
function countStoredTwice({ stored }) {
  const ids = stored.filter((id) => id !== undefined);
  return ids.length - new Set(ids).size;
}

/** Counts the rejected events that are stored. */
function countKept({ rejected }, { stored }) {
  const ids = new Set(stored);
  return rejected.filter((id) => ids.has(id)).length;
}

/** Counts the transactions of which only the row or only the event is present. */
function countHalves({ rows, paired, stored, trimmedThrough }) {
  let halves = 0;
  for (const id of paired) if (!rows.has(id)) halves++;
  for (const [id, seqNum] of rows) {
    const isUnseen = stored[seqNum] === undefined && seqNum <= trimmedThrough;
    if (seqNum > 0 && stored[seqNum] !== id && !isUnseen) halves++;
  }
  return halves;
}

const countMissing = (keys, present) => [...keys].filter((key) => !present.has(key)).length;

/**
 * Compares rows, counts, checkpoints and dead letters with their acknowledgements. Must be called only if the LMDB file was
 * read completely after the round, because an unread row would count as lost.
 */
function compareRest(acknowledged, recorded) {
  const { rows, counts, checkpoints, letters, undone } = acknowledged;
  const isBehind = ([name, seqNum]) => (recorded.checkpoints.get(name) ?? 0) < seqNum;
  return {
    rowsLost: countMissing(rows, recorded.rows),
    undoneKept: undone.filter((id) => recorded.rows.has(id)).length + recorded.undoneEvents,
    halfTransactions: countHalves(recorded),
    countsLost: Math.max(0, ...counts) > recorded.count ? 1 : 0,
    checkpointsLost: [...checkpoints].filter(isBehind).length,
    lettersLost: countMissing(letters, recorded.letters),
  };
}

/** Compares the acknowledgements of a round with the contents of the file. */
export function verify(journals) {
  const names = readdirSync(journals).filter((name) => /^\d+[.]log$/.test(name));
  const acknowledged = readAcknowledged(names.map((name) => join(journals, name)));
  const recorded = readRecorded(join(journals, 'audit.log'), join(journals, 'final.log'));
  const { lost, givenTwice, unread, unseen } = compareEvents(acknowledged, recorded);
  const { counts, events, latencies, deleted, handled, letters, rows } = acknowledged;
  return {
    acknowledged: events.length,
    latencies,
    deleted,
    unseen,
    handled,
    letters: letters.size,
    rows: rows.size,
    unguarded: acknowledged.unguarded + recorded.unguarded,
    messages: [...acknowledged.messages, ...recorded.messages],
    faults: {
      lost,
      givenTwice,
      storedTwice: countStoredTwice(recorded),
      rejectedKept: countKept(acknowledged, recorded),
      holes: recorded.holes + acknowledged.holes,
      takenBack: acknowledged.takenBack,
      deposed: acknowledged.deposed,
      unread: recorded.isWhole ? unread : Math.max(unread, 1),
      ...(recorded.isWhole && compareRest(acknowledged, recorded)),
      countsGivenTwice: counts.length - new Set(counts).size,
      refused: acknowledged.refused + recorded.refused,
    },
  };
}
