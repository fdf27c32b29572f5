import type { Attributes, Metric } from './metric.ts';

/** Sum of measurements, and the number of measurements in each bucket. */
export interface Aggregate {
  readonly attributes: Attributes;
  sum: number;
  count: number;
  /** Number of measurements in each bucket. The last bucket has no upper bound, and a counter has only this bucket. */
  readonly buckets: number[];
}

/** Measurements of a counter or a histogram, by their attributes. Equal attributes must be the same object. */
export class Aggregates {
  readonly #boundaries: readonly number[];
  readonly #aggregates = new Map<Attributes, Aggregate>();

  constructor({ boundaries = [] }: Metric) {
    this.#boundaries = boundaries;
  }

  /** Adds a measurement. The function is a property and not a method, so that it can be passed on without its object. */
  readonly add = (value: number, attributes: Attributes): void => {
    const aggregate = this.#of(attributes);
    aggregate.sum += value;
    aggregate.count++;
    let bucket = 0;
    while (bucket < this.#boundaries.length && value > (this.#boundaries[bucket] as number)) bucket++;
    aggregate.buckets[bucket] = (aggregate.buckets[bucket] as number) + 1;
  };

  values(): readonly Readonly<Aggregate>[] {
    return [...this.#aggregates.values()];
  }

  #of(attributes: Attributes): Aggregate {
    let aggregate = this.#aggregates.get(attributes);
    if (aggregate === undefined) {
      const buckets = Array.from({ length: this.#boundaries.length + 1 }, () => 0);
      aggregate = { attributes, sum: 0, count: 0, buckets };
      this.#aggregates.set(attributes, aggregate);
    }
    return aggregate;
  }
}
