import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import * as t from 'io-ts';
import { type Fault, InvalidOptionsError } from '../../errors.ts';
import { type StoreOptions, storeOptionProps } from '../../store/store-options.ts';
import { check } from '../../validation/check.ts';
import { options } from '../../validation/options.ts';
import { described, duration, filledText, wholeFrom } from '../../validation/types.ts';

/** What can be chosen of a store on JetStream: `stream`, one of `servers` and `connection`, and the rest. */
export interface JetStreamStoreOptions extends StoreOptions {
  /** The servers: `'nats://127.0.0.1:4222'`, or several. The store opens and closes the connection. */
  readonly servers?: string | readonly string[] | undefined;
  /** What else the client takes of a connection: `user`, `pass`, `token`, `authenticator`, `tls`, `name`, …. */
  readonly connectionOptions?: Omit<NodeConnectionOptions, 'servers'> | undefined;
  /** A connection that the application opened; it stays open when the store closes. */
  readonly connection?: NatsConnection | undefined;
  /** The name of the stream. It is made if it is not there; one that is must be configured as the options say. */
  readonly stream: string;
  /** What the subjects of the events begin with: `prefix.objectType.operation`. Default: the name of the stream. */
  readonly subjectPrefix?: string | undefined;
  /** The name of the bucket of checkpoints, dead letters and leases. Default: that of the stream and `_checkpoints`. */
  readonly checkpointBucket?: string | undefined;
  /** On how many servers stream and bucket are kept. Default 1, or as they are. */
  readonly replicas?: number | undefined;
  /** Where the server keeps them. Default `'file'`, or as they are. */
  readonly storage?: 'file' | 'memory' | undefined;
  /** The most room, in bytes, of the stream: the server drops the oldest events. Default: no limit, or as it is. */
  readonly maxBytes?: number | undefined;
  /** How old events get, in milliseconds, before the server drops them. Default: without an end, or as it is. */
  readonly maxAge?: number | undefined;
  /**
   * For how long, in milliseconds, the server knows an event again: an append whose acknowledgement was lost is sent
   * again for three quarters of it, and stored once. Default 2 min, or as it is.
   */
  readonly duplicateWindow?: number | undefined;
}

/** The same, checked, with the names filled in. */
export interface ResolvedJetStreamOptions extends JetStreamStoreOptions {
  readonly subjectPrefix: string;
  readonly checkpointBucket: string;
}

const named = (pattern: RegExp, name: string) =>
  described(name, (value): value is string => typeof value === 'string' && pattern.test(value));

const bucketName = named(/^[\w-]{1,200}$/, 'letters, digits, - and _, at most 200');
const prefix = named(
  /^[\w-]{1,64}(\.[\w-]{1,64}){0,3}$/,
  'one to four tokens of letters, digits, - and _, with dots between',
);

const isAddresses = (value: unknown): value is string | readonly string[] =>
  filledText.is(value) || (Array.isArray(value) && value.length > 0 && value.every(filledText.is));

const JetStreamOptionsCodec = options(
  "{ servers: 'nats://127.0.0.1:4222', stream: 'events' }",
  {
    ...storeOptionProps,
    servers: described('an address, or an array of some', isAddresses),
    connectionOptions: t.UnknownRecord,
    connection: described(
      'a NATS connection',
      (value): value is NatsConnection => typeof value === 'object' && value !== null && 'publish' in value,
    ),
    subjectPrefix: prefix,
    checkpointBucket: bucketName,
    replicas: wholeFrom(1),
    storage: t.keyof({ file: null, memory: null }, `'file' or 'memory'`),
    maxBytes: wholeFrom(1),
    maxAge: duration,
    duplicateWindow: described(
      'milliseconds, from 100',
      (value): value is number => Number.isSafeInteger(value) && (value as number) >= 100,
    ),
  },
  { stream: named(/^[\w-]{1,64}$/, 'letters, digits, - and _, at most 64') },
);

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a JetStream store', faults);

/**
 * Checks the options, and fills in the names.
 *
 * @throws InvalidOptionsError with every fault at once.
 */
export function resolveJetStreamOptions(given: JetStreamStoreOptions): ResolvedJetStreamOptions {
  const checked = check(JetStreamOptionsCodec, given, invalid) as JetStreamStoreOptions;
  const { servers, connection, connectionOptions, stream } = checked;
  if ((servers === undefined) === (connection === undefined)) {
    throw invalid([{ path: 'servers', message: 'must be given, or connection, and not both' }]);
  }
  if (connection !== undefined && connectionOptions !== undefined) {
    throw invalid([
      { path: 'connectionOptions', message: 'must not be given with a connection that is open' },
    ]);
  }
  return {
    ...checked,
    subjectPrefix: checked.subjectPrefix ?? stream,
    checkpointBucket: checked.checkpointBucket ?? `${stream}_checkpoints`,
  };
}
