import { Bench } from 'tinybench';

/**
 * Runs each task once per round, so that other work of the machine slows all tasks equally. The order is reversed in every
 * second round (A B B A …), because a task can leave garbage that slows the next one. The first round warms up.
 *
 * @param tasks - Tasks under their names: `run` is timed, `before` runs first and is not timed.
 * @returns Milliseconds of each round, by name.
 */
export async function inTurn(rounds, tasks) {
  const times = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true, retainSamples: true });
    // tinybench calls a function that is not async an extra time, to find out whether it returns a Promise.
    const entries = Object.entries(tasks);
    if (round % 2 === 0) entries.reverse();
    for (const [name, { run, before }] of entries) {
      bench.add(name, async () => void (await run()), { async: true, beforeEach: before });
    }
    await bench.run();
    if (round === 0) continue;
    for (const task of bench.tasks) times[task.name].push(task.result.latency.samples[0]);
  }
  return times;
}
