import { betterSqlite3 } from './better-sqlite3.mjs';
import { emmett } from './emmett.mjs';
import { jetStream } from './jetstream.mjs';
import { redis } from './redis.mjs';

/**
 * Alternatives that a user could choose. `inFlight` lists the numbers of concurrent appends. `share` is the fraction of the
 * full number of events that is measured, which is lower for slow alternatives.
 */
export const peers = [betterSqlite3, emmett, jetStream, redis];
