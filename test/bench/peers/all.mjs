import { betterSqlite3 } from './better-sqlite3.mjs';
import { emmett } from './emmett.mjs';
import { jetStream } from './jetstream.mjs';
import { redis } from './redis.mjs';

/**
 * What a user would pick instead. Each has `inFlight`, how many appends can be under way at once, and `share`, the part of
 * the full sizes that it gets: what is slow is measured on less.
 */
export const peers = [betterSqlite3, emmett, jetStream, redis];
