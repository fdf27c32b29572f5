// Runs in a separate process: appends events and replays them. If the channels must be absent, replaces the tracing channels of
// Node.js before the package is loaded. Prints both rates in events per second.
import diagnostics from 'node:diagnostics_channel';
import { mkdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';

const [path, channels, ...numbers] = process.argv.slice(2);
const [appended, logged] = numbers.map(Number);
if (channels === 'absent') {
  const absent = { hasSubscribers: false };
  diagnostics.tracingChannel = () => absent;
  syncBuiltinESMExports();
}
const { inFlight } = await import('./in-flight.mjs');
const { fillStore, openStore } = await import('./logs.mjs');
const { watchAll } = await import('./reading.mjs');
const { request } = await import('./request.mjs');

mkdirSync(dirname(path), { recursive: true });
const store = openStore(path);
const rate = async (total, work) => {
  const begun = performance.now();
  await work();
  return (total / (performance.now() - begun)) * 1000;
};
const appendAll = () => inFlight(64, appended, (n) => store.storeEvent(request(n)));
// The first round lets V8 optimize the code.
await appendAll();
const append = await rate(appended, appendAll);
await fillStore(store, logged, 2 * appended + 1);
const total = 2 * appended + logged;
const replayAll = () => watchAll(store, total, { handler: async () => undefined });
await replayAll();
const watch = await rate(total, replayAll);
await store.close();
process.stdout.write(JSON.stringify({ append, watch }));
