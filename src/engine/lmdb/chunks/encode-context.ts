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

const jsonOf = (metadata: OptionalContext['metadata']): string | undefined =>
  metadata === undefined ? undefined : JSON.stringify(metadata);

/** Returns the size of a field, in bytes: a length of `lengthBytes` bytes, followed by the text. */
const fieldBytes = (lengthBytes: number, text: string | undefined): number =>
  text === undefined ? 0 : lengthBytes + Buffer.byteLength(text);

const sizeOf = (key: string | undefined, id: string | undefined, json: string | undefined): number =>
  1 + fieldBytes(2, key) + fieldBytes(2, id) + fieldBytes(4, json);

/** Returns the size of the context of a record in a chunk, in bytes; 0 for a record without context. */
export const contextBytes = (record: OptionalContext): number =>
  hasContext(record) ? sizeOf(record.key, record.id, jsonOf(record.metadata)) : 0;

/** Encodes the context of a record as described in `docs/lmdb-file-format.md`. */
function encodeContext(index: number, { key, id, metadata }: OptionalContext): EncodedContext {
  const json = jsonOf(metadata);
  const bytes = Buffer.allocUnsafe(sizeOf(key, id, json));
  let flags = 0;
  let keyHash = 0;
  let at = 1;
  const add = (flag: number, lengthBytes: number, text: string): void => {
    flags |= flag;
    const length = bytes.write(text, at + lengthBytes, 'utf8');
    at = bytes.writeUIntLE(length, at, lengthBytes) + length;
  };
  if (key !== undefined) {
    add(CONTEXT_LAYOUT.key, 2, key);
    keyHash = crc32(bytes.subarray(3, at));
  }
  if (id !== undefined) add(CONTEXT_LAYOUT.id, 2, id);
  if (json !== undefined) add(CONTEXT_LAYOUT.metadata, 4, json);
  bytes.writeUInt8(flags, 0);
  return { index, keyHash, hasId: id !== undefined, bytes };
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
