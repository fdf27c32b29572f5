/** Average number of openings per kill. */
const OPENINGS_PER_KILL = 40;

/** Maximum time from the start of the opening to the kill, in microseconds. */
const LONGEST_DELAY = 6000;

const clock = new Int32Array(new SharedArrayBuffer(4));
/** Waits by blocking the thread, because timers are too coarse to hit the middle of an opening. */
const block = (micros) => Atomics.wait(clock, 0, 0, micros / 1000);

/**
 * Returns a function that kills processes while one process opens the file. The arguments of the function are the worker
 * that opens the file, and all workers.
 *
 * @param kills - `newcomer` (the process that opens the file), `holder` (one that has it open) or `both`. Default: no
 *   process is killed.
 */
export function createKiller(kills, random) {
  if (kills === undefined) return () => undefined;

  const victimsOf = (newcomer, workers) => {
    const holders = workers.filter((worker) => worker !== newcomer && worker.state() === 'open');
    const victims = kills === 'newcomer' ? [] : holders.length > 0 ? [random.pick(holders)] : [];
    return kills === 'holder' ? victims : [...victims, newcomer];
  };
  return (newcomer, workers) => {
    if (!random.oneIn(OPENINGS_PER_KILL)) return;
    block(random.below(random.pick([500, LONGEST_DELAY])));
    for (const victim of victimsOf(newcomer, workers)) victim.kill();
  };
}
