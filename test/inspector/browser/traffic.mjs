// Second process of the tests of the inspector's page: appends orders to an LMDB file, and runs watchers on it. Arguments: the
// path of the file, and `quiet` if its watchers must not start. Each line of the input is a number of orders to append, or
// `rate N` for N orders in each second. The output is `ready`, and then the last sequence number after each number of orders.
import { createInterface } from 'node:readline';
import { createManager } from '../../../dist/index.js';
import { openLmdbStore } from '../../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
const manager = createManager(store, { lease: true, reportInterval: 1000 });
const autoStart = process.argv[3] !== 'quiet';
manager.create('search', { handler: () => undefined, autoStart });
manager.create('stock', { handler: () => undefined, autoStart });
manager.create('ledger', {
  handler({ seqNum }) {
    throw new TypeError(`Invoice ${seqNum} has no currency`, {
      cause: new RangeError('Currency must be a code of ISO 4217; received ""'),
    });
  },
  retryStrategy: 'stop',
  maxRetries: 0,
  autoStart,
});

const TYPES = ['Order', 'Shipment', 'Invoice', 'Customer'];
const OPERATIONS = ['CREATE', 'UPDATE', 'CREATE', 'DELETE'];
let count = 0;

function request() {
  const number = count;
  count += 1;
  return {
    operation: OPERATIONS[number % OPERATIONS.length],
    objectType: TYPES[number % 7 < 4 ? number % 7 : 0],
    key: `order-${1000 + (number % 40)}`,
    metadata: {
      user: 'ada@example.com',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    object: {
      number: 1000 + (number % 40),
      customer: 'Ada Lovelace',
      city: 'Zürich',
      lines: [
        { sku: `A-${number % 9}`, quantity: 1 + (number % 3), price: 12.5 },
        { sku: 'B-7', quantity: 2, price: 3.2 },
      ],
      paid: number % 3 === 0,
      note: null,
    },
  };
}

async function append(size) {
  const events = await store.storeEvents(Array.from({ length: size }, request));
  return events.at(-1).seqNum;
}

let timer;
process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  const rate = /^rate (\d+)$/.exec(line);
  if (rate === null) {
    process.stdout.write(`${await append(Number(line))}\n`);
    continue;
  }
  clearInterval(timer);
  // The load varies, as that of an application does.
  let beat = 0;
  const size = () => Math.round((Number(rate[1]) / 4) * (1 + 0.6 * Math.sin(beat++ / 9)));
  timer = setInterval(() => void append(size()), 250);
}
clearInterval(timer);
await store.close();
