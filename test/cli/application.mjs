// Application in a process of its own: appends orders, and runs one managed watcher. Arguments: the path of a data file or
// the address of a stream, the id of the watcher, and `fails` if its handler fails. Each line of the input is the number of
// orders to append. The output is `ready`, and then for each line of the input the sequence number of the last order, when
// the watcher has processed it.
import { createInterface } from 'node:readline';
import { lastValueFrom } from 'rxjs';
import { createManager } from '../../dist/index.js';

const [, , location, watcherId, mode] = process.argv;

async function openStore() {
  const address = /^(nats:\/\/.*)\/(.*)$/.exec(location);
  if (address === null) return (await import('../../dist/lmdb.js')).openLmdbStore({ path: location });
  const { openJetStreamStore } = await import('../../dist/jetstream.js');
  return openJetStreamStore({ servers: address[1], stream: address[2] });
}

const request = (number) => ({
  operation: 'CREATE',
  objectType: 'Order',
  key: `order-${number}`,
  object: { number, customer: 'Łucja 漢字', note: 'two\nlines, \u001b[31mred\u001b[0m' },
});

/** Fails for each fifth order, with a message that contains a line break and colours. */
async function failingHandler({ object, seqNum }) {
  if (object.number % 5 !== 0) return;
  const cause = new Error(`connect ECONNREFUSED 10.0.0.7:25`);
  throw new TypeError(`order ${seqNum} was refused:\n\u001b[31;1mcannot reach the mail server\u001b[0m`, {
    cause,
  });
}

const store = await openStore();
const manager = createManager(store, { lease: true, reportInterval: 500 });
const watcher = manager.create(watcherId, {
  handler: mode === 'fails' ? failingHandler : async () => undefined,
  retryStrategy: 'deadLetter',
  maxRetries: 1,
  initialBackoff: 10,
  autoStart: true,
});
const print = (line) => process.stdout.write(`${line}\n`);
let count = 0;
print('ready');
for await (const line of createInterface(process.stdin)) {
  const requests = Array.from({ length: Number(line) }, () => request(++count));
  const last = (await store.storeEvents(requests)).at(-1);
  await lastValueFrom(watcher.whenProcessed(last.seqNum));
  print(last.seqNum);
}
await store.close();
