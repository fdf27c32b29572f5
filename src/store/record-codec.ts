import { DeserializationError, type Fault, SerializationError } from '../errors.ts';
import type { Event, StoreEventRequest } from '../event/event.ts';
import { createObjectCache } from './object-cache.ts';
import type { RecordDraft, StoredRecord } from './record.ts';
import type { ResolvedStoreOptions } from './store-options.ts';
import { thrownFault } from './thrown-fault.ts';

/** A request whose object was captured: the record to be, and the object as it will be read back. */
export interface Captured {
  /** The record that has no place in the log yet. */
  readonly draft: RecordDraft;
  /** What its payload decodes to. */
  readonly object: unknown;
}

/** Where a record came to stand. */
type Standing = Pick<StoredRecord, 'seqNum' | 'timestamp'>;

/** Events to records and back, whatever the serializer does. */
export interface RecordCodec {
  /**
   * Captures a request: what its caller does to the object afterwards changes nothing.
   *
   * @throws SerializationError, also if what was encoded cannot be decoded: better now than when it is stored.
   */
  capture(request: StoreEventRequest): Captured;
  /**
   * Captures several requests; the paths of the faults begin with a request's index.
   *
   * @throws SerializationError with the faults of all of them.
   */
  captureAll(requests: readonly StoreEventRequest[]): readonly Captured[];
  /** The event of a request that may yet be taken back, and its number be given to another. */
  toUncommittedEvent(captured: Captured, standing: Standing): Event;
  /** The event of a request that is stored. */
  toStoredEvent(captured: Captured, standing: Standing): Event;
  /**
   * The event of a record.
   *
   * @throws DeserializationError with the record's number.
   */
  toEvent(record: StoredRecord): Event;
}

/** What the codec of a store needs of its options. */
type CodecOptions = Pick<ResolvedStoreOptions, 'serializer' | 'cacheSize' | 'maxEventBytes'>;

const guarded = <R>(work: () => R, toError: (cause: unknown) => Error): R => {
  try {
    return work();
  } catch (cause) {
    throw toError(cause);
  }
};

/** Makes the codec of a serializer; a serializer that throws, where it should return a `Left`, is borne with. */
export function createRecordCodec({ serializer, cacheSize, maxEventBytes }: CodecOptions): RecordCodec {
  const cache = createObjectCache(cacheSize);

  const encode = ({ object, objectType }: StoreEventRequest): Uint8Array => {
    const encoded = guarded(
      () => serializer.encode(object, objectType),
      (cause) => new SerializationError(objectType, [thrownFault(cause)], { cause }),
    );
    if (encoded._tag === 'Left') throw encoded.left;
    const { length } = encoded.right;
    if (length > maxEventBytes) {
      const message = `takes ${length} bytes; an event may take ${maxEventBytes} (maxEventBytes)`;
      throw new SerializationError(objectType, [{ path: 'object', message }]);
    }
    // A copy, because a serializer may use its buffer again; from the pool, because memory of its own is dear.
    return Buffer.from(encoded.right);
  };

  const decode = ({ payload, objectType }: RecordDraft, options: { readonly seqNum?: number }): unknown => {
    const decoded = guarded(
      () => serializer.decode(payload, objectType),
      (cause) => new DeserializationError([thrownFault(cause)], { ...options, cause }),
    );
    if (decoded._tag === 'Right') return decoded.right;
    throw new DeserializationError(decoded.left.faults, { ...options, cause: decoded.left });
  };

  const event = (
    { operation, objectType }: RecordDraft,
    { seqNum, timestamp }: Standing,
    object: unknown,
  ): Event => ({ seqNum, operation, objectType, object, timestamp: new Date(timestamp) });

  return {
    capture(request) {
      const { operation, objectType } = request;
      const draft = { operation, objectType, payload: encode(request) };
      const object = guarded(
        () => decode(draft, {}),
        (cause) => {
          const message = `would not be read back: ${(cause as Error).message}`;
          return new SerializationError(objectType, [{ path: 'object', message }], { cause });
        },
      );
      return { draft, object };
    },

    captureAll(requests) {
      const captured: Captured[] = [];
      const faults: Fault[] = [];
      let refused: string | undefined;
      for (const [index, request] of requests.entries()) {
        try {
          captured.push(this.capture(request));
        } catch (error) {
          if (!(error instanceof SerializationError)) throw error;
          refused ??= request.objectType;
          faults.push(...error.faults.map((fault) => ({ ...fault, path: `${index}.${fault.path}` })));
        }
      }
      if (refused !== undefined) throw new SerializationError(refused, faults);
      return captured;
    },

    toUncommittedEvent: ({ draft, object }, standing) => event(draft, standing, object),
    toStoredEvent: ({ draft, object }, standing) =>
      event(
        draft,
        standing,
        cache.of(standing.seqNum, () => object),
      ),
    toEvent: (record) =>
      event(
        record,
        record,
        cache.of(record.seqNum, () => decode(record, record)),
      ),
  };
}
