const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'];

/** Returns the event of every scenario: about 200 bytes of JSON, ten types, three operations. One in a thousand is `Rare`. */
export const request = (n) => ({
  operation: OPERATIONS[n % 3],
  objectType: n % 1000 === 0 ? 'Rare' : `Type${n % 10}`,
  object: { id: `id-${n}`, n, text: 'some words '.repeat(10), tags: ['a', 'b', 'c'], done: true },
});

/** Returns `count` events, from number `from`. */
export const requests = (from, count) => Array.from({ length: count }, (_, index) => request(from + index));
