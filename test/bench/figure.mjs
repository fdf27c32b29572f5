import { inTurn } from './in-turn.mjs';
import { quantile } from './quantile.mjs';

/** The median of some values and their quartiles. */
const summary = (values) => ({
  median: quantile(values, 0.5),
  spread: [quantile(values, 0.25), quantile(values, 0.75)],
});

/** A figure that stands alone. */
export const alone = (name, unit, values) => ({ name, unit, ...summary(values) });

/** Returns a figure compared with another, both with one value a round. The ratio is the median of the rounds' ratios. */
export const beside = (name, unit, values, other, otherValues) => ({
  ...alone(name, unit, values),
  beside: { name: other, ...summary(otherValues) },
  ratio: summary(values.map((value, round) => value / otherValues[round])),
});

/** Times two tasks alternately, `total` events each, and returns their rates compared with each other. */
export async function compare({ name, rounds, total, ours, other, theirs, theirTotal = total }) {
  const times = await inTurn(rounds, { ours, theirs });
  const rates = (milliseconds, count) => milliseconds.map((each) => (count / each) * 1000);
  return beside(name, 'events/s', rates(times.ours, total), other, rates(times.theirs, theirTotal));
}
