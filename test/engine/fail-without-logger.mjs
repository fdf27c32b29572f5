// Runs watchers that fail or give up events on stores without a logger, and prints the process warnings.
import { createManager, watch } from '../../dist/index.js';
import { createMemoryStore } from '../../dist/memory.js';

process.removeAllListeners('warning'); // Node.js would print each warning on stderr
process.on('warning', ({ name, code, message }) => {
  process.stdout.write(`${JSON.stringify({ name, code, message })}\n`);
});
const handler = () => {
  throw new Error('no\nroom');
};
for (const id of ['first', 'second']) {
  const store = createMemoryStore();
  await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: 'secret' });
  const manager = createManager(store);
  const failing = { handler, maxRetries: 0, autoStart: true };
  manager.create(`${id} skips`, { ...failing, retryStrategy: 'skip' });
  manager.create(`${id} blocks`, { ...failing, retryStrategy: 'block' });
  manager.create(`${id} stops`, { ...failing, retryStrategy: 'stop' });
  watch(store, `${id} watches`, { handler, maxRetries: 0, retryStrategy: 'stop' }).subscribe({ error() {} });
  await new Promise((resolve) => setImmediate(resolve));
  await store.close();
}
