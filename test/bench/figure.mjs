import { inTurn } from './in-turn.mjs';
import { quantile } from './quantile.mjs';

const summary = (values) => ({
  median: quantile(values, 0.5),
  spread: [quantile(values, 0.25), quantile(values, 0.75)],
});

/** Returns a figure without a comparison. */
export const alone = (name, unit, values) => ({ name, unit, ...summary(values) });

/**
 * Returns a figure compared with another figure, both with one value per round. The ratio is the median of the ratios of the
 * rounds.
 */
export const beside = (name, unit, values, other, otherValues) => ({
  ...alone(name, unit, values),
  beside: { name: other, ...summary(otherValues) },
  ratio: summary(values.map((value, round) => value / otherValues[round])),
});

const rates = (milliseconds, count) => milliseconds.map((each) => (count / each) * 1000);

/** Times two tasks alternately, `total` events each, and returns their rates compared with each other. */
export async function compare({ name, rounds, total, ours, other, theirs, theirTotal = total }) {
  const times = await inTurn(rounds, { ours, theirs });
  return beside(name, 'events/s', rates(times.ours, total), other, rates(times.theirs, theirTotal));
}

/** Times one task alternately with several others, `total` events each. Returns its rate compared with each of them. */
export async function compareWithEach({ name, rounds, total, ours, others }) {
  const times = await inTurn(rounds, { ours, ...others });
  const against = (other) =>
    beside(
      `${name}, compared with ${other}`,
      'events/s',
      rates(times.ours, total),
      other,
      rates(times[other], total),
    );
  return Object.keys(others).map(against);
}

/** Compares the rate of a figure with a fixed rate that was measured elsewhere. */
export const besideFixed = ({ name, unit, median, spread }, other, rate) => ({
  name: `${name}, compared with ${other}`,
  unit,
  median,
  spread,
  beside: { name: other, median: rate, spread: [rate, rate] },
  ratio: { median: median / rate, spread: spread.map((each) => each / rate) },
});
