import type { Attributes, Metric } from '../metric.ts';
import { formatNumber, type Sample } from './text-format.ts';

/** Sum of measurements, and for a histogram their number in each bucket. */
interface Aggregate {
  readonly attributes: Attributes;
  sum: number;
  count: number;
  /** Number of measurements of each bucket. The last bucket has no upper bound. */
  readonly buckets: number[];
}

/** Measurements of a counter or a histogram since its creation, by their attributes. */
export class Aggregates {
  readonly #boundaries: readonly number[];
  readonly #isHistogram: boolean;
  readonly #byKey = new Map<string, Aggregate>();

  constructor({ kind, boundaries = [] }: Metric) {
    this.#isHistogram = kind === 'histogram';
    this.#boundaries = boundaries;
  }

  add(value: number, attributes: Attributes): void {
    const aggregate = this.#of(attributes);
    aggregate.sum += value;
    if (!this.#isHistogram) return;
    aggregate.count++;
    const index = this.#boundaries.findIndex((boundary) => value <= boundary);
    const bucket = index === -1 ? this.#boundaries.length : index;
    aggregate.buckets[bucket] = (aggregate.buckets[bucket] as number) + 1;
  }

  /** Returns the samples of all measurements. */
  samples(): readonly Sample[] {
    const aggregates = [...this.#byKey.values()];
    return this.#isHistogram
      ? aggregates.flatMap((aggregate) => this.#histogramSamples(aggregate))
      : aggregates.map(({ sum, attributes }) => ({ value: sum, attributes }));
  }

  #of(attributes: Attributes): Aggregate {
    const key = JSON.stringify(attributes);
    let aggregate = this.#byKey.get(key);
    if (aggregate === undefined) {
      const buckets = Array.from({ length: this.#boundaries.length + 1 }, () => 0);
      aggregate = { attributes, sum: 0, count: 0, buckets };
      this.#byKey.set(key, aggregate);
    }
    return aggregate;
  }

  #histogramSamples({ attributes, sum, count, buckets }: Aggregate): readonly Sample[] {
    let cumulative = 0;
    const samples = buckets.map((inBucket, index) => {
      cumulative += inBucket;
      const le = formatNumber(this.#boundaries[index] ?? Number.POSITIVE_INFINITY);
      return { suffix: '_bucket', attributes: { ...attributes, le }, value: cumulative };
    });
    return [
      ...samples,
      { suffix: '_sum', attributes, value: sum },
      { suffix: '_count', attributes, value: count },
    ];
  }
}
