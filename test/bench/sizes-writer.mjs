// Runs in its own process: fills a log to a length and prints the rate. If a log is filled too quickly to measure the time,
// more logs are filled. The last log stays.
import { discard, fillStore, openStore } from './logs.mjs';

const [path, ...numbers] = process.argv.slice(2);
const [length, atLeast] = numbers.map(Number);
const times = Math.ceil(atLeast / length);
let elapsed = 0;
for (let time = 0; time < times; time++) {
  discard(path);
  const store = openStore(path);
  const begun = performance.now();
  await fillStore(store, length);
  elapsed += performance.now() - begun;
  await store.close();
}
process.stdout.write(JSON.stringify(((times * length) / elapsed) * 1000));
