const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'];

/**
 * Returns request `n` of every scenario: about 200 bytes of JSON, one of ten object types and three operations. One request in
 * a thousand has the type `Rare`.
 */
export const request = (n) => ({
  operation: OPERATIONS[n % 3],
  objectType: n % 1000 === 0 ? 'Rare' : `Type${n % 10}`,
  object: { id: `id-${n}`, n, text: 'some words '.repeat(10), tags: ['a', 'b', 'c'], done: true },
});

/** Returns `count` requests, from number `from` on. */
export const requests = (from, count) => Array.from({ length: count }, (_, index) => request(from + index));
