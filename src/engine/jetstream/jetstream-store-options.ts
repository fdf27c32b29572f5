import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import * as t from 'io-ts';
import { type Fault, InvalidOptionsError } from '../../errors.ts';
import { type StoreOptions, storeOptionProps } from '../../store/store-options.ts';
import { check } from '../../validation/check.ts';
import { options } from '../../validation/options.ts';
import { described, duration, filledText, oneOf, wholeFrom } from '../../validation/types.ts';

/** Options of `openJetStreamStore`. Required are `stream`, and either `servers` or `connection`. */
export interface JetStreamStoreOptions extends StoreOptions {
  /**
   * Address of a server, for example `'nats://127.0.0.1:4222'`, or an array of addresses. The store opens and closes the
   * connection.
   */
  readonly servers?: string | readonly string[] | undefined;
  /** Further options of the NATS client, for example `user`, `pass`, `token` or `tls`. Not permitted with `connection`. */
  readonly connectionOptions?: Omit<NodeConnectionOptions, 'servers'> | undefined;
  /** Connection that the application has opened. This connection stays open when the store closes. */
  readonly connection?: NatsConnection | undefined;
  /** Name of the stream. An existing stream must match the options. */
  readonly stream: string;
  /**
   * Whether to create the stream and the bucket if they do not exist. If `false`, a missing stream or bucket is a
   * `StoreError`.
   *
   * @defaultValue true
   */
  readonly create?: boolean | undefined;
  /** First tokens of the subjects of events: `prefix.objectType.operation`. Default: the name of the stream. */
  readonly subjectPrefix?: string | undefined;
  /**
   * Name of the bucket of checkpoints, dead letters, leases and reports. Default: the name of the stream, followed by
   * `_checkpoints`.
   */
  readonly checkpointBucket?: string | undefined;
  /**
   * Number of servers that store the stream and the bucket. Default: 1 for a new stream or bucket, unchanged for an existing
   * one.
   */
  readonly replicas?: number | undefined;
  /** Storage of the stream and the bucket. Default: `'file'` for a new stream or bucket, unchanged for an existing one. */
  readonly storage?: 'file' | 'memory' | undefined;
  /**
   * Maximum size of the stream, in bytes. If the stream is larger, the server deletes the oldest events. Default: no limit
   * for a new stream, unchanged for an existing one.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Maximum age of an event, in milliseconds. The server deletes older events. Default: no limit for a new stream, unchanged
   * for an existing one.
   */
  readonly maxAge?: number | undefined;
  /**
   * Duplicate window of the stream, in milliseconds, at least 100: the time for which the server remembers the ids of events
   * and of messages. Within this time, a second append with the same id stores nothing. An append without an acknowledgement
   * is sent again for three quarters of this time, and is stored once. Default for a new stream: 120,000, or `maxAge` if
   * `maxAge` is lower. An existing stream keeps its window by default.
   */
  readonly duplicateWindow?: number | undefined;
}

/** Valid options with the default names. */
export interface ResolvedJetStreamOptions extends JetStreamStoreOptions {
  readonly subjectPrefix: string;
  readonly checkpointBucket: string;
}

const named = (pattern: RegExp, name: string) =>
  described(name, (value): value is string => typeof value === 'string' && pattern.test(value));

const bucketName = named(/^[\w-]{1,200}$/, '1 to 200 letters, digits, hyphens or underscores');
const prefix = named(
  /^[\w-]{1,64}(\.[\w-]{1,64}){0,3}$/,
  '1 to 4 tokens of letters, digits, hyphens or underscores, separated by dots',
);

const isAddresses = (value: unknown): value is string | readonly string[] =>
  filledText.is(value) || (Array.isArray(value) && value.length > 0 && value.every(filledText.is));

const JetStreamOptionsCodec = options(
  "{ servers: 'nats://127.0.0.1:4222', stream: 'events' }",
  {
    ...storeOptionProps,
    servers: described('an address or an array of addresses', isAddresses),
    connectionOptions: t.UnknownRecord,
    connection: described(
      'a NATS connection',
      (value): value is NatsConnection => typeof value === 'object' && value !== null && 'publish' in value,
    ),
    create: t.boolean,
    subjectPrefix: prefix,
    checkpointBucket: bucketName,
    replicas: wholeFrom(1),
    storage: oneOf(`'file' or 'memory'`, ['file', 'memory']),
    maxBytes: wholeFrom(1),
    maxAge: duration,
    duplicateWindow: described(
      'a whole number of milliseconds from 100',
      (value): value is number => Number.isSafeInteger(value) && (value as number) >= 100,
    ),
  },
  { stream: named(/^[\w-]{1,64}$/, '1 to 64 letters, digits, hyphens or underscores') },
);

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a JetStream store', faults);

/**
 * Validates options and adds the default names.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid. The error lists every fault.
 */
export function resolveJetStreamOptions(input: JetStreamStoreOptions): ResolvedJetStreamOptions {
  const checked = check(JetStreamOptionsCodec, input, invalid) as JetStreamStoreOptions;
  const { servers, connection, connectionOptions, stream } = checked;
  if ((servers === undefined) === (connection === undefined)) {
    throw invalid([
      {
        path: 'servers',
        message: `${servers === undefined ? 'is required without' : 'must not be set together with'} connection`,
      },
    ]);
  }
  if (connection !== undefined && connectionOptions !== undefined) {
    throw invalid([{ path: 'connectionOptions', message: 'must not be set together with connection' }]);
  }
  return {
    ...checked,
    subjectPrefix: checked.subjectPrefix ?? stream,
    checkpointBucket: checked.checkpointBucket ?? `${stream}_checkpoints`,
  };
}
