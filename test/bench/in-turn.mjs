import { Bench } from 'tinybench';

/**
 * Runs each task once a round, one after another (A B A B …), so that what else the machine does falls on all alike.
 * The first round warms up.
 *
 * @param tasks - By name: `run`, what is timed; `before`, what is not, ahead of each time.
 * @returns By name, the milliseconds of each round.
 */
export async function inTurn(rounds, tasks) {
  const times = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true, retainSamples: true });
    // Only an async function: tinybench would run another once more to find out what it is.
    for (const [name, { run, before }] of Object.entries(tasks)) {
      bench.add(name, async () => void (await run()), { async: true, beforeEach: before });
    }
    await bench.run();
    if (round === 0) continue;
    for (const task of bench.tasks) times[task.name].push(task.result.latency.samples[0]);
  }
  return times;
}
