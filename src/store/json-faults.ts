import type { Fault } from '../errors.ts';

/** What `JSON.stringify` would drop or change without a word; `undefined` if it keeps the value. */
function loss(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'function':
    case 'symbol':
      return `JSON has no ${typeof value}`;
    case 'bigint':
      return 'JSON has no bigint; store it as a string';
    case 'number':
      return Number.isFinite(value) ? undefined : `JSON has no ${value}`;
    default:
      return value instanceof Map || value instanceof Set
        ? `JSON has no ${value.constructor.name}`
        : undefined;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const asStringified = (value: object, key: string): unknown =>
  'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON(key) : value;

function* walk(value: unknown, key: string, path: string, above: ReadonlySet<object>): Generator<Fault> {
  const seen = isObject(value) ? asStringified(value, key) : value;
  const message = loss(seen);
  if (message !== undefined) {
    yield { path, message };
  } else if (isObject(seen)) {
    if (above.has(seen)) {
      yield { path, message: 'JSON has no circular references' };
      return;
    }
    const below = new Set(above).add(seen);
    for (const [inner, child] of Object.entries(seen)) yield* walk(child, inner, `${path}.${inner}`, below);
  }
}

/** Everything in an object that JSON cannot hold, by its path from `object`. */
export const jsonFaults = (object: unknown): readonly Fault[] => [...walk(object, '', 'object', new Set())];
