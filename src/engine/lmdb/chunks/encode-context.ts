import { crc32 } from 'node:zlib';
import type { OptionalContext } from '../../../event/event-context.ts';
import { CONTEXT_LAYOUT } from './chunk-format.ts';

interface Context {
  /** Index of the record in its chunk. */
  readonly index: number;
  readonly key: string | undefined;
  readonly id: string | undefined;
  /** Metadata as JSON text. */
  readonly json: string | undefined;
}

const hasContext = ({ key, id, metadata }: OptionalContext): boolean =>
  key !== undefined || id !== undefined || metadata !== undefined;

const jsonOf = (metadata: OptionalContext['metadata']): string | undefined =>
  metadata === undefined ? undefined : JSON.stringify(metadata);

/** Returns the size of a field, in bytes: a length of `lengthBytes` bytes, followed by the text. */
const fieldBytes = (lengthBytes: number, text: string | undefined): number =>
  text === undefined ? 0 : lengthBytes + Buffer.byteLength(text);

/** Returns the size of the context of a record in a chunk, in bytes; 0 for a record without context. */
export const contextBytes = (record: OptionalContext): number =>
  hasContext(record)
    ? 1 + fieldBytes(2, record.key) + fieldBytes(2, record.id) + fieldBytes(4, jsonOf(record.metadata))
    : 0;

/** Maximum size of a context without its texts, in bytes: one byte of flags, and lengths of 2, 2 and 4 bytes. */
const MAX_FIXED_BYTES = 9;

/**
 * Returns an upper bound of the size of a context, in bytes: a UTF-16 code unit takes at most three bytes in UTF-8. The exact
 * size is not used, because its computation would encode the texts a second time.
 */
const maxBytes = ({ key = '', id = '', json = '' }: Context): number =>
  MAX_FIXED_BYTES + 3 * (key.length + id.length + json.length);

function contextsOf(records: readonly OptionalContext[]): readonly Context[] {
  const contexts: Context[] = [];
  for (const [index, record] of records.entries()) {
    if (!hasContext(record)) continue;
    contexts.push({ index, key: record.key, id: record.id, json: jsonOf(record.metadata) });
  }
  return contexts;
}

/** Writes a field: its length, and its text. Returns the offset after the field. */
function writeField(section: Buffer, at: number, lengthBytes: number, text: string): number {
  const length = section.write(text, at + lengthBytes, 'utf8');
  return section.writeUIntLE(length, at, lengthBytes) + length;
}

/** Writes a context as described in `docs/lmdb-file-format.md`. Returns the offset after the context. */
function writeContext(section: Buffer, begin: number, { key, id, json }: Context): number {
  let flags = 0;
  let at = begin + 1;
  if (key !== undefined) {
    flags |= CONTEXT_LAYOUT.key;
    at = writeField(section, at, 2, key);
  }
  if (id !== undefined) {
    flags |= CONTEXT_LAYOUT.id;
    at = writeField(section, at, 2, id);
  }
  if (json !== undefined) {
    flags |= CONTEXT_LAYOUT.metadata;
    at = writeField(section, at, 4, json);
  }
  section.writeUInt8(flags, begin);
  return at;
}

/** Encodes the context section of a chunk; `undefined` if no record has a context. */
export function encodeContextSection(records: readonly OptionalContext[]): Buffer | undefined {
  const contexts = contextsOf(records);
  if (contexts.length === 0) return undefined;

  const begin = CONTEXT_LAYOUT.countBytes + contexts.length * CONTEXT_LAYOUT.rowBytes;
  const section = Buffer.allocUnsafe(contexts.reduce((sum, context) => sum + maxBytes(context), begin));
  const idsBit = contexts.some(({ id }) => id !== undefined) ? CONTEXT_LAYOUT.idsBit : 0;
  let row = section.writeUInt16LE(contexts.length | idsBit, 0);
  let at = begin;
  for (const context of contexts) {
    at = writeContext(section, at, context);
    row = section.writeUInt16LE(context.index, row);
    row = section.writeUInt32LE(context.key === undefined ? 0 : crc32(context.key), row);
    row = section.writeUInt32LE(at - begin, row);
  }
  return section.subarray(0, at);
}
