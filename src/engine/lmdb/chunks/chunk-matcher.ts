import { crc32 } from 'node:zlib';
import { type EventFilter, matchesKind } from '../../../event/event-filter.ts';
import { partitionOfHash } from '../../../event/partition-of.ts';
import type { ChunkView } from './chunk-view.ts';

/** Filter of the records of chunks, which reads only the heads of the chunks and creates no object per record. */
export interface ChunkMatcher {
  /** Returns `false` if no record of a chunk can match. */
  canMatch(view: ChunkView): boolean;
  /** Returns whether the record at an index of a chunk matches. */
  matches(view: ChunkView, index: number): boolean;
}

/** Number that a chunk stores in place of a CRC-32 for an event without a key. */
const NO_KEY = 0;

/**
 * Creates the matcher of a filter. A chunk contains the CRC-32 of each key, so a key is decoded only if its CRC-32
 * equals the CRC-32 of a wanted key.
 */
export function createChunkMatcher(filter: EventFilter): ChunkMatcher {
  const { objectTypes = [], keys = [], partition } = filter;
  const wantedHashes = new Set(keys.map((key) => crc32(key)));

  const readsKey = keys.length > 0 || partition !== undefined;

  const matchesHash = (hash: number): boolean =>
    (keys.length === 0 || wantedHashes.has(hash)) &&
    (partition === undefined || partitionOfHash(hash, partition.count) === partition.index);
  const isWantedKey = (key: string | undefined): boolean => key !== undefined && keys.includes(key);

  return {
    canMatch: ({ types, contexts }) =>
      (objectTypes.length === 0 || types.some((type) => objectTypes.includes(type))) &&
      (contexts !== undefined || (keys.length === 0 && matchesHash(NO_KEY))),
    // The conditions are in the order of their cost, the cheapest one first.
    matches: (view, index) =>
      (!readsKey || matchesHash(view.contexts?.keyHash(index) ?? NO_KEY)) &&
      matchesKind(filter, view.operation(index), view.objectType(index)) &&
      (keys.length === 0 || isWantedKey(view.contexts?.key(index))),
  };
}
