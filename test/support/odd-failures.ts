const throwing = (): never => {
  throw new Error('must not be read');
};

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('no'), {});
  revoke();
  return proxy;
}

const without = (name: 'message' | 'cause' | 'stack'): Error =>
  Object.defineProperty(new Error('no'), name, { get: throwing });

const circular = new Error('round and round');
circular.cause = circular;

/**
 * Values that a handler can throw and that are hard to serialize. Some are not errors, and some throw when a property is read or
 * when they are converted to a string.
 */
export const odd: readonly [string, unknown][] = [
  ['null', null],
  ['undefined', undefined],
  ['a string', 'no'],
  ['a bigint', 5n],
  ['a symbol', Symbol('no')],
  ['an object without a prototype', Object.create(null)],
  ['an object that cannot be converted to a string', { toString: throwing }],
  ['an Error whose message cannot be read', without('message')],
  ['an Error whose cause cannot be read', without('cause')],
  ['an Error whose stack cannot be read', without('stack')],
  ['an Error of numbers', Object.assign(new Error('no'), { message: 5, name: 6, stack: 7, code: 8 })],
  ['an Error that is its own cause', circular],
  ['a revoked Proxy', revoked()],
];
