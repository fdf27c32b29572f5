import { readJournal } from './journal.mjs';

/** Reads the acknowledgements that the processes of a round received, from their journals. */
export function readAcknowledged(paths) {
  const read = {
    events: [],
    /** Duration of each append, in microseconds. */
    latencies: [],
    rows: new Set(),
    counts: [],
    /** Ids of events of rejected appends. */
    rejected: [],
    /** Ids of rows written in transactions that failed. */
    undone: [],
    /** Last checkpoint by watcher id. */
    checkpoints: new Map(),
    letters: new Set(),
    deleted: 0,
    handled: 0,
    refused: 0,
    /** Number of openings during which the guard was killed. */
    unguarded: 0,
    holes: 0,
    takenBack: 0,
    deposed: 0,
    messages: [],
  };
  const lines = {
    event([seqNum, id, micros]) {
      read.events.push([Number(seqNum), Number(id)]);
      if (micros !== undefined) read.latencies.push(Number(micros));
    },
    row: ([id]) => read.rows.add(Number(id)),
    count: ([count]) => read.counts.push(Number(count)),
    undone: ([id]) => read.undone.push(Number(id)),
    checkpoint: ([name, seqNum]) => read.checkpoints.set(name, Number(seqNum)),
    letter: (letter) => read.letters.add(letter.join(' ')),
    deleted: ([count]) => {
      read.deleted += Number(count);
    },
    handled: ([, count]) => {
      read.handled += Number(count);
    },
    refused: (words) => {
      read.refused++;
      read.messages.push(words.join(' '));
    },
    unguarded: () => read.unguarded++,
    failed: (words) => read.messages.push(words.join(' ')),
    hole: () => read.holes++,
    back: () => read.takenBack++,
    rejected: ([id]) => read.rejected.push(Number(id)),
    deposed: () => read.deposed++,
  };
  for (const path of paths) {
    for (const [kind, ...words] of readJournal(path)) lines[kind](words);
  }
  return read;
}
