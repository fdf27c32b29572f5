import { nuid } from '@nats-io/transport-node';
import { catchError, defer, EMPTY, map, merge, type Observable, of, share, switchMap } from 'rxjs';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';
import type { Lease, LeaseTable, NewLease } from '../../contract/lease-table.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { createKeyedMutex } from '../util/keyed-mutex.ts';
import { messagesOn } from '../util/messages-on.ts';
import type { CheckpointsTable } from './checkpoints-table.ts';
import { idToken, type KvTable, RevisionConflict } from './kv-table.ts';

/** Notifications between processes about released leases. */
export interface LeaseReleases {
  /** Notifies all processes of a release. A failure is only logged. */
  notify(): void;
  /** Emits when a lease may have been released. */
  readonly released$: Observable<void>;
}

/**
 * Creates notifications with messages that no stream stores. A process that misses a message detects the release when the
 * process reads the lease again.
 */
export function createLeaseReleases(
  { connection, prefix, state$ }: Pick<StreamClient, 'connection' | 'prefix' | 'state$'>,
  logger: Reporter,
): LeaseReleases {
  const subject = `${prefix}-released`;
  const messages$ = messagesOn(connection, subject, (error) => {
    logger.error(`released leases are detected late: ${textOf(error)}`, 'RX_WATCHER_LEASES_UNNOTICED');
  }).pipe(
    map(() => undefined),
    // If the application has closed its connection, no messages follow.
    catchError(() => EMPTY),
  );
  return {
    notify() {
      try {
        connection.publish(subject);
      } catch (error) {
        logger.debug(`cannot notify other processes of a released lease: ${textOf(error)}`);
      }
    },
    released$: state$.pipe(
      switchMap((state, index) => {
        if (state !== 'connected') return EMPTY;
        // Notifications are missed while the connection is lost, so a reconnection counts as a possible release.
        return index === 0 ? messages$ : merge(messages$, of(undefined));
      }),
      share(),
    ),
  };
}

/** First token of the keys of leases. */
const PREFIX = 'lease';

/** Stored lease. Its revision is the revision of the key. */
interface Entry extends NewLease {
  /** Id of the watcher. The key can contain a digest instead of the id. */
  readonly watcherId: string;
  /** Unique id of the write. A store recognizes its own write by this id if the answer was lost. */
  readonly write: string;
}

const decodeEntry = (value: Uint8Array): Entry => JSON.parse(Buffer.from(value).toString());

const toLease = ({ owner, token }: Entry, revision: number): Lease => ({
  token,
  revision,
  ...(owner !== undefined && { owner }),
});

const keyOf = (watcherId: string): string => `${PREFIX}.${idToken(watcherId)}`;

export interface JetStreamLeasesTable extends LeaseTable {
  /** Resolves when no write is pending. */
  settled(): Promise<void>;
}

/**
 * Creates the lease table in a bucket. The newest fencing token of a watcher is stored with the checkpoint that this token
 * protects.
 */
export function createLeasesTable(
  table: KvTable,
  { raiseFence }: Pick<CheckpointsTable, 'raiseFence'>,
  { notify, released$ }: LeaseReleases,
): JetStreamLeasesTable {
  const mutex = createKeyedMutex();

  const readEntry = async (watcherId: string) => {
    const { value, revision } = await table.get(keyOf(watcherId));
    return { entry: value && decodeEntry(value), revision };
  };
  const put = async (entry: Entry, revision: number): Promise<number | undefined> => {
    try {
      return await table.put(keyOf(entry.watcherId), Buffer.from(JSON.stringify(entry)), revision);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      // If the answer to the write was lost, the write was sent again, and conflicts with its first execution.
      const stored = await readEntry(entry.watcherId);
      return stored.entry?.write === entry.write ? stored.revision : undefined;
    }
  };

  return {
    get: (watcherId) =>
      defer(() => readEntry(watcherId)).pipe(map(({ entry, revision }) => entry && toLease(entry, revision))),
    all: () =>
      defer(() => table.all(PREFIX)).pipe(
        map((rows) => {
          const leases = new Map<string, Lease>();
          for (const { value, revision } of rows) {
            const entry = decodeEntry(value);
            leases.set(entry.watcherId, toLease(entry, revision));
          }
          return leases;
        }),
      ),
    store: (watcherId, { owner, token }, revision) =>
      mutex.run(watcherId, async () => {
        const entry = { watcherId, token, write: nuid.next(), ...(owner !== undefined && { owner }) };
        const written = await put(entry, revision);
        if (written === undefined) return undefined;
        await raiseFence(watcherId, token);
        if (owner === undefined) notify();
        return written;
      }),
    released$,
    settled: mutex.settled,
  };
}
