/** Maximum number of described violations of each kind. */
const LISTED = 5;

/** Creates a list of violations that stores the first violations and counts all. */
function violations() {
  const list = { count: 0, first: [] };
  return {
    list,
    add(text) {
      if (++list.count <= LISTED) list.first.push(text);
    },
  };
}

/** Returns the lines of the journals of all processes: attempts that began or ended, in the order of their times. */
export function parseJournals(journals) {
  const lines = Object.entries(journals).flatMap(([process, text]) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [what, seqNum, token, time, checked] = line.split(' ');
        return {
          process,
          what,
          seqNum: Number(seqNum),
          token: Number(token),
          time: BigInt(time),
          checked: BigInt(checked),
        };
      }),
  );
  return lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/**
 * Checks the journals of all processes: each event was handled, the events of a key were handled in order, and no attempt
 * began under an old fencing token.
 *
 * A process checks its lease immediately before it begins an attempt. If the process is suspended between the check and the
 * attempt, another process can take the partition over in the meantime. The suspended process still begins the attempt when
 * it continues. The library cannot prevent such an attempt, so it is counted separately, in `interrupted`. Its line is the
 * first line of the process after the continuation, and contains an earlier time of the check.
 *
 * @param keys - Key of each event, by sequence number.
 * @param partitionOf - Returns the partition of a key.
 * @param continuations - Times at which each process was continued after a suspension, by the name of the process.
 */
export function verifyPartitions(lines, keys, partitionOf, continuations = {}) {
  const unhandled = violations();
  const disordered = violations();
  const deposed = violations();
  const ended = new Set();
  /** Newest fencing token with which an attempt has begun, by partition. */
  const newest = new Map();
  const previous = new Map();
  const lastOfKey = new Map();
  for (const [seqNum, key] of keys) {
    previous.set(seqNum, lastOfKey.get(key));
    lastOfKey.set(key, seqNum);
  }
  let attempts = 0;
  let interrupted = 0;
  const lastLine = new Map();
  /** Returns whether the process of a line was suspended after the check of its lease and before the attempt of this line. */
  const isInterrupted = ({ process, time, checked }) => {
    const before = lastLine.get(process) ?? 0n;
    return (continuations[process] ?? []).some(
      (continued) => before < continued && checked < continued && continued <= time,
    );
  };
  for (const line of lines) {
    const { process, what, seqNum, token, time } = line;
    const wasInterrupted = isInterrupted(line);
    lastLine.set(process, time);
    if (what === 'end') {
      ended.add(seqNum);
      continue;
    }
    attempts++;
    const before = previous.get(seqNum);
    if (before !== undefined && !ended.has(before)) {
      disordered.add(`${process} began event ${seqNum} before event ${before} of its key had ended`);
    }
    const partition = partitionOf(keys.get(seqNum));
    const current = newest.get(partition) ?? 0;
    if (token < current && wasInterrupted) interrupted++;
    else if (token < current) {
      deposed.add(
        `${process} began event ${seqNum} under token ${token} after one of token ${current} had begun`,
      );
    }
    newest.set(partition, Math.max(current, token));
  }
  for (const seqNum of keys.keys()) if (!ended.has(seqNum)) unhandled.add(`event ${seqNum} was not handled`);
  return {
    events: keys.size,
    attempts,
    redelivered: attempts - ended.size,
    interrupted,
    unhandled: unhandled.list,
    disordered: disordered.list,
    deposed: deposed.list,
  };
}
