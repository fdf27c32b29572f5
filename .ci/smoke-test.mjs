// Uses the packed package as an application does. `check-package.mjs` copies this file into a project, and runs it on each
// supported version of Node.js.
import { strictEqual } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createManager, prometheusMetrics, trimHorizon } from 'rx-watcher';
import { createFeed } from 'rx-watcher/http';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom } from 'rxjs';

const request = (n) => ({ operation: 'CREATE', objectType: 'Job', object: { n }, key: 'k', id: `id-${n}` });

for (const store of [createMemoryStore(), openLmdbStore({ path: 'events.lmdb' })]) {
  const numbers = [];
  const manager = createManager(store, { lease: { duration: 10_000 } });
  const watcher = manager.create('numbers', {
    initialEventIterator: trimHorizon(),
    handler: async ({ object }) => void numbers.push(object.n),
    autoStart: true,
  });
  await store.storeEvent(request(1));
  await store.storeEvents([request(2), request(2), request(3)]);
  await firstValueFrom(watcher.whenProcessed(3));
  strictEqual(String(numbers), '1,2,3');
  strictEqual((await prometheusMetrics(manager)).includes('numbers'), true);

  const server = createServer(createFeed(store).node).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${server.address().port}/events?live=false`, {
    headers: { accept: 'application/x-ndjson' },
  });
  strictEqual((await response.text()).trim().split('\n').length, 3);
  server.close();
  await manager.stop();
  await store.close();
}

// Synchronous loading must work in every supported version.
strictEqual(typeof createRequire(import.meta.url)('rx-watcher').watch, 'function');
