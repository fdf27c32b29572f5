const throwing = (): never => {
  throw new Error('do not look');
};

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('no'), {});
  revoke();
  return proxy;
}

const without = (name: 'message' | 'cause' | 'stack'): Error =>
  Object.defineProperty(new Error('no'), name, { get: throwing });

const round = new Error('round and round');
round.cause = round;

/** Things to throw that make trouble for whoever looks at them. */
export const odd: readonly [string, unknown][] = [
  ['null', null],
  ['undefined', undefined],
  ['a string', 'no'],
  ['a bigint', 5n],
  ['a symbol', Symbol('no')],
  ['an object without a prototype', Object.create(null)],
  ['an object that cannot be made text', { toString: throwing }],
  ['an Error whose message cannot be read', without('message')],
  ['an Error whose cause cannot be read', without('cause')],
  ['an Error whose stack cannot be read', without('stack')],
  ['an Error of numbers', Object.assign(new Error('no'), { message: 5, name: 6, stack: 7, code: 8 })],
  ['an Error that is its own cause', round],
  ['a revoked Proxy', revoked()],
];
