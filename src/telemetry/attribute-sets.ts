import { ATTRIBUTES, type Attributes, SYSTEM } from './metric.ts';

const withErrorType = (attributes: Attributes, errorType: string): Attributes =>
  errorType === '' ? attributes : { ...attributes, [ATTRIBUTES.errorType]: errorType };

/** Returns the value of a key in a map. A missing value is created. */
function valueFor<T>(map: Map<string, T>, key: string, create: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

/**
 * Sets of attributes for measurements. Equal sets are the same object, so that a `Map` with sets as keys can aggregate
 * measurements.
 *
 * The parameter `errorType` of its functions is the value of `error.type`. An empty string means that there is no error,
 * and the attribute is missing.
 */
export class AttributeSets {
  readonly #appends = new Map<string, Attributes>();
  readonly #errors = new Map<string, Attributes>();
  readonly #watchers = new Map<string, Map<string, Attributes>>();

  /** Returns the attributes of the metrics of appends. Equal arguments give the same object. */
  append(errorType: string): Attributes {
    return valueFor(this.#appends, errorType, () =>
      withErrorType({ [ATTRIBUTES.system]: SYSTEM, [ATTRIBUTES.operation]: 'append' }, errorType),
    );
  }

  /** Returns the attributes of the metrics of a watcher's attempts. Equal arguments give the same object. */
  handle(watcherId: string, errorType: string): Attributes {
    const byError = valueFor(this.#watchers, watcherId, () => new Map());
    return valueFor(byError, errorType, () => {
      const attributes = { [ATTRIBUTES.system]: SYSTEM, [ATTRIBUTES.operation]: 'handle' };
      return withErrorType({ ...attributes, [ATTRIBUTES.watcher]: watcherId }, errorType);
    });
  }

  /** Returns the attributes of a metric that has no attribute other than `error.type`. */
  error(errorType: string): Attributes {
    return valueFor(this.#errors, errorType, () => withErrorType({}, errorType));
  }
}
