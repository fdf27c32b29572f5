import * as E from 'fp-ts/lib/Either.js';
import { jsonSerializer, messagePackSerializer, type Serializer } from '../../index.ts';

const serializers = { json: jsonSerializer(), messagePack: messagePackSerializer() };

/**
 * Object of an event in the stored form. The command does not know the serializer of the application. It therefore copies
 * payloads without a change, and decodes them only to show them.
 */
export class Payload {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Returns the decoded object; `undefined` if the payload is neither JSON nor MessagePack. */
  decode(): { readonly object: unknown } | undefined {
    // JSON in UTF-8 starts with an ASCII character. A map, an array or a text in MessagePack starts with a byte from 0x80.
    const serializer = (this.bytes[0] ?? 0) < 0x80 ? serializers.json : serializers.messagePack;
    const decoded = serializer.decode(this.bytes, '');
    return E.isRight(decoded) ? { object: decoded.right } : undefined;
  }
}

/** Serializer that does not change payloads. */
export const payloadSerializer: Serializer = {
  encode: (object) => E.right((object as Payload).bytes),
  // Copy the bytes, because the engine reuses their memory.
  decode: (bytes) => E.right(new Payload(Uint8Array.from(bytes))),
};

/**
 * Serializer that decodes payloads to show them. A payload that is neither JSON nor MessagePack becomes a text in base64. No
 * command stores events with this serializer.
 */
export const shownSerializer: Serializer = {
  encode: payloadSerializer.encode,
  decode: (bytes) => {
    const decoded = new Payload(bytes).decode();
    // A decoded value of MessagePack can be `undefined`, which JSON cannot represent.
    return E.right(decoded === undefined ? Buffer.from(bytes).toString('base64') : (decoded.object ?? null));
  },
};
