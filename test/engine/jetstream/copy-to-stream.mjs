// Copies an LMDB file into a stream, 10 events at a time, and prints the number of copied events. A test kills it.
import { copyLog } from '../../../dist/index.js';
import { openJetStreamStore } from '../../../dist/jetstream.js';
import { openLmdbStore } from '../../../dist/lmdb.js';

const [path, servers, stream] = process.argv.slice(2);
const source = openLmdbStore({ path, gcAgeThreshold: 0 });
const target = await openJetStreamStore({ servers, stream, gcAgeThreshold: 0 });
copyLog(source, target, { batchSize: 10 }).subscribe(({ copied }) => process.stdout.write(`${copied}\n`));
