import { join } from 'node:path';
import Database from 'better-sqlite3';

/**
 * A table in SQLite, with one flush per commit. The calls of better-sqlite3 are synchronous, so only one append is in flight at
 * a time.
 */
export const betterSqlite3 = {
  name: 'better-sqlite3, WAL, synchronous=FULL',
  inFlight: [1],
  share: 1,
  async open(directory) {
    const db = new Database(join(directory, 'events.sqlite'));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec('CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, operation, type, object, at)');
    const insert = db.prepare('INSERT INTO events (operation, type, object, at) VALUES (?, ?, ?, ?)');
    const select = db.prepare('SELECT * FROM events ORDER BY seq');
    const append = ({ operation, objectType, object }) =>
      insert.run(operation, objectType, JSON.stringify(object), Date.now());
    const appendAll = db.transaction((requests) => {
      for (const request of requests) append(request);
    });
    return {
      append: async (request) => append(request),
      appendAll: async (requests) => appendAll(requests),
      async replay() {
        let seen = 0;
        for (const { object } of select.iterate()) if (JSON.parse(object) !== undefined) seen++;
        return seen;
      },
      close: async () => void db.close(),
    };
  },
};
