import { crc32 } from 'node:zlib';
import type { OptionalContext } from '../../../event/event-context.ts';
import { CONTEXT_LAYOUT } from './chunk-format.ts';

/** Context of one record of a chunk. */
interface EncodedContext {
  /** Index of the record in its chunk. */
  readonly index: number;
  /** CRC-32 of the key; 0 if the record has no key. */
  readonly keyHash: number;
  readonly hasId: boolean;
  readonly bytes: Buffer;
}

const hasContext = ({ key, id, metadata }: OptionalContext): boolean =>
  key !== undefined || id !== undefined || metadata !== undefined;

/** Returns the size of the context of a record in a chunk, in bytes; 0 for a record without context. */
export function contextBytes(record: OptionalContext): number {
  if (!hasContext(record)) return 0;
  const { key, id, metadata } = record;
  const keyBytes = key === undefined ? 0 : 2 + Buffer.byteLength(key);
  const idBytes = id === undefined ? 0 : 2 + Buffer.byteLength(id);
  const metadataBytes = metadata === undefined ? 0 : 4 + Buffer.byteLength(JSON.stringify(metadata));
  return 1 + keyBytes + idBytes + metadataBytes;
}

/** Encodes the context of a record as described in `docs/lmdb-file-format.md`. */
function encodeContext(index: number, { key, id, metadata }: OptionalContext): EncodedContext {
  const parts: Buffer[] = [];
  let flags = 0;
  let keyHash = 0;
  const add = (flag: number, lengthBytes: number, text: string): Buffer => {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.allocUnsafe(lengthBytes);
    length.writeUIntLE(bytes.length, 0, lengthBytes);
    flags |= flag;
    parts.push(length, bytes);
    return bytes;
  };
  if (key !== undefined) keyHash = crc32(add(CONTEXT_LAYOUT.key, 2, key));
  if (id !== undefined) add(CONTEXT_LAYOUT.id, 2, id);
  if (metadata !== undefined) add(CONTEXT_LAYOUT.metadata, 4, JSON.stringify(metadata));
  return { index, keyHash, hasId: id !== undefined, bytes: Buffer.concat([Buffer.of(flags), ...parts]) };
}

/** Encodes the context section of a chunk; `undefined` if no record has a context. */
export function encodeContextSection(records: readonly OptionalContext[]): Buffer | undefined {
  const contexts: EncodedContext[] = [];
  for (const [index, record] of records.entries()) {
    if (hasContext(record)) contexts.push(encodeContext(index, record));
  }
  if (contexts.length === 0) return undefined;

  const rows = Buffer.allocUnsafe(CONTEXT_LAYOUT.countBytes + contexts.length * CONTEXT_LAYOUT.rowBytes);
  const idsBit = contexts.some(({ hasId }) => hasId) ? CONTEXT_LAYOUT.idsBit : 0;
  let at = rows.writeUInt16LE(contexts.length | idsBit, 0);
  let end = 0;
  for (const { index, keyHash, bytes } of contexts) {
    end += bytes.length;
    at = rows.writeUInt16LE(index, at);
    at = rows.writeUInt32LE(keyHash, at);
    at = rows.writeUInt32LE(end, at);
  }
  return Buffer.concat([rows, ...contexts.map(({ bytes }) => bytes)]);
}
