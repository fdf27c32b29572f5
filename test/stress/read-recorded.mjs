import { readJournal } from './journal.mjs';

/** Reads the recorded contents of a file: the notes of the auditor during the round, and the result of the read after it. */
export function readRecorded(auditPath, finalPath) {
  const read = {
    /** Id of the event by sequence number. */
    stored: [],
    /** Ids of events that were stored together with a row. */
    paired: new Set(),
    /** Number of stored events of failed transactions, which should be 0. */
    undoneEvents: 0,
    /** Last sequence number that may be missing because it was trimmed. */
    trimmedThrough: 0,
    holes: 0,
    rows: new Map(),
    count: 0,
    checkpoints: new Map(),
    letters: new Set(),
    refused: 0,
    /** Number of openings during which the guard was killed. */
    unguarded: 0,
    messages: [],
    /** Whether the file was read to its end after the round. */
    isWhole: false,
  };
  let stored = read.stored;
  let through = 0;
  const lines = {
    stored([number, id, objectType]) {
      const seqNum = Number(number);
      if (seqNum !== through + 1) read.holes++;
      through = seqNum;
      stored[seqNum] = Number(id);
      if (objectType === 'Paired') read.paired.add(Number(id));
      if (objectType === 'Undone') read.undoneEvents++;
    },
    trimmed([seqNum]) {
      through = Number(seqNum);
      read.trimmedThrough = Math.max(read.trimmedThrough, through);
    },
    final() {
      stored = [];
      through = 0;
    },
    latest([seqNum]) {
      if (Number(seqNum) !== through) read.holes++;
      // The events that are not trimmed are known from the read after the round. The auditor's notes, taken during the round,
      // count only for trimmed events, which this read cannot return.
      read.stored.length = Math.min(read.stored.length, read.trimmedThrough + 1);
      for (let n = read.trimmedThrough + 1; n < stored.length; n++) read.stored[n] = stored[n];
    },
    row: ([id, seqNum]) => read.rows.set(Number(id), Number(seqNum)),
    count: ([count]) => {
      read.count = Number(count);
    },
    checkpoint: ([name, seqNum]) => read.checkpoints.set(name, Number(seqNum)),
    letter: (letter) => read.letters.add(letter.join(' ')),
    refused: (words) => {
      read.refused++;
      read.messages.push(words.join(' '));
    },
    unguarded: () => read.unguarded++,
    failed: (words) => read.messages.push(words.join(' ')),
    end: () => {
      read.isWhole = true;
    },
  };
  for (const path of [auditPath, finalPath]) {
    for (const [kind, ...words] of readJournal(path)) lines[kind](words);
  }
  return read;
}
