// What the benches share: the event, the rounds taken in turn, and the table.
import Table from 'cli-table3';

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'];

/** About 200 bytes of JSON, ten types and three operations in rotation; one in a thousand is rare. */
export const request = (n) => ({
  operation: OPERATIONS[n % 3],
  objectType: n % 1000 === 0 ? 'Rare' : `Type${n % 10}`,
  object: { id: `id-${n}`, n, text: 'some words '.repeat(10), tags: ['a', 'b', 'c'], done: true },
});

/** The one in the middle. */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** How many a second, of so many. */
export const rate = async (total, work) => {
  const begin = performance.now();
  await work();
  return (total / (performance.now() - begin)) * 1000;
};

/** Measures each of several in turn, round after round (A B A B …), and tells the median of each; the first round warms up. */
export async function inTurn(rounds, works) {
  const measured = works.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, work] of works.entries()) {
      const value = await work();
      if (round > 0) measured[index].push(value);
    }
  }
  return measured.map(median);
}

/** A number for people. */
export const shown = (value) => Math.round(value).toLocaleString('en');

/** Prints a table. */
export function print(head, rows) {
  const table = new Table({ head });
  table.push(...rows);
  process.stdout.write(`${table.toString()}\n`);
}
