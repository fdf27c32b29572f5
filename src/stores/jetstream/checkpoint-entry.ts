import { LeaseLostError } from '../../errors.ts';
import { idToken } from './id-token.ts';
import type { KvTable } from './kv-table.ts';

/** What the keys of checkpoints begin with. */
export const CHECKPOINT = 'checkpoint';

/** A checkpoint as it is stored, and the fence before it: they change together or not at all. */
export interface CheckpointEntry {
  /** Whose it is: the key may be a digest of the id. */
  readonly watcherId: string;
  /** The checkpoint; missing if there is none, and there was a lease or a checkpoint once. */
  readonly seqNum?: number | undefined;
  /** The store that has written the checkpoint. */
  readonly writer?: string | undefined;
  /** The newest fencing token; missing if there never was a lease. It outlasts the checkpoint. */
  readonly token?: number | undefined;
}

/** An entry, and the revision by which it is known; 0 if there never was one. */
export interface KnownEntry {
  readonly entry: CheckpointEntry | undefined;
  readonly revision: number;
}

/** The key of an entry. */
export const checkpointKey = (watcherId: string): string => `${CHECKPOINT}.${idToken(watcherId)}`;

/** An entry as bytes. */
export const encodeEntry = (entry: CheckpointEntry): Uint8Array => Buffer.from(JSON.stringify(entry));

/** The way back. */
export const decodeEntry = (value: Uint8Array): CheckpointEntry => JSON.parse(Buffer.from(value).toString());

/** Reads an entry. */
export async function readEntry(table: KvTable, watcherId: string): Promise<KnownEntry> {
  const { value, revision } = await table.get(checkpointKey(watcherId));
  return { entry: value && decodeEntry(value), revision };
}

/**
 * Refuses a write under a token that is not the newest.
 *
 * @throws LeaseLostError
 */
export function checkToken(watcherId: string, entry: CheckpointEntry | undefined, fence: number): void {
  if (entry?.token === fence) return;
  throw new LeaseLostError(watcherId, fence, `the newest is ${entry?.token ?? 'none'}`);
}
