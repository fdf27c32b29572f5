import { alone } from './figure.mjs';

/**
 * Measures the series of a plot at each point of its axis, one point after another in each round.
 *
 * @param plot - Name of the plot, and unit of its axis.
 * @param measure - Measures at one point. Resolves to the value of each series, under the name of the series.
 * @param units - Unit of each series, under the name of the series.
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
