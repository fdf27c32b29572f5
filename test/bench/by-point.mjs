import { alone } from './figure.mjs';

/**
 * Measures several things at each point of an axis, the points in turn in each round: figures with a place in a plot.
 *
 * @param plot - Its name, and what its axis counts.
 * @param measure - Measures at one point; gives a value for each series, by its name.
 * @param units - The unit of each series, by its name.
 */
export async function byPoint({ rounds, points, plot, units, measure }) {
  const measured = new Map(points.map((point) => [point, []]));
  for (let round = 0; round < rounds; round++) {
    for (const point of points) measured.get(point).push(await measure(point));
  }
  return [...measured].flatMap(([x, runs]) =>
    Object.entries(units).map(([series, unit]) => ({
      ...alone(
        `${series}, ${x.toLocaleString('en')} ${plot.axis}`,
        unit,
        runs.map((run) => run[series]),
      ),
      plot: { ...plot, series, x },
    })),
  );
}
