// Second process: stores one event per request and reports when it was acknowledged.
import { openStore } from './logs.mjs';
import { request } from './request.mjs';

const store = openStore(process.argv[2]);
let n = 0;
process.on('message', async () => {
  const { seqNum } = await store.storeEvent(request(n++));
  process.send({ seqNum, acknowledged: Number(process.hrtime.bigint()) });
});
process.once('disconnect', () => void store.close());
