import { createRequire } from 'node:module';
import { join } from 'node:path';

const STREAM = 'bench-log';
const asEvent = ({ operation, objectType, object }) => ({
  type: objectType,
  data: object,
  metadata: { operation },
});

/**
 * Emmett on SQLite with its default settings. It has one connection and no nested transactions, so only one append is in flight
 * at a time.
 */
export const emmett = {
  name: 'Emmett on SQLite, default journal and flushes',
  inFlight: [1],
  share: 0.02,
  async open(directory) {
    // If the native binding of sqlite3 is not built, an `import` of it ends the process, even in a `try` statement. The
    // error of a `require` can be caught.
    createRequire(import.meta.url)('sqlite3');
    const { getSQLiteEventStore } = await import('@event-driven-io/emmett-sqlite');
    const store = getSQLiteEventStore({
      fileName: join(directory, 'emmett.sqlite'),
      schema: { autoMigration: 'CreateOrUpdate' },
    });
    let stored = 0;
    const appendAll = async (requests) => {
      await store.appendToStream(STREAM, requests.map(asEvent));
      stored += requests.length;
    };
    return {
      append: (request) => appendAll([request]),
      appendAll,
      async replay() {
        let seen = 0;
        const consumer = store.consumer({ pulling: { batchSize: 1000, pullingFrequencyInMs: 1 } });
        consumer.processor({
          processorId: `bench-${performance.now()}`,
          startFrom: 'BEGINNING',
          stopAfter: () => seen === stored,
          eachMessage: () => void seen++,
        });
        await consumer.start();
        await consumer.close();
        return seen;
      },
      close: async () => undefined,
    };
  },
};
