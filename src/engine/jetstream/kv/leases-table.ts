import { nuid } from '@nats-io/transport-node';
import { catchError, defer, EMPTY, map, merge, type Observable, of, share, switchMap } from 'rxjs';
import type { Reporter } from '../../../store/reporting/logger.ts';
import { textOf } from '../../../validation/format-value.ts';
import type { LeaseTable, NewLease } from '../../contract/lease-table.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { createKeyedMutex } from '../util/keyed-mutex.ts';
import { messagesOn } from '../util/messages-on.ts';
import type { CheckpointsTable } from './checkpoints-table.ts';
import { idToken, type KvTable, RevisionConflict } from './kv-table.ts';

/** What processes tell each other of leases that were given back. */
export interface LeaseReleases {
  /** Tells that one was. */
  tell(): void;
  /** Emits when one may have been. */
  readonly released$: Observable<void>;
}

/** Tells of releases by a message that is not stored: whoever misses it looks by himself a little later. */
export function createLeaseReleases(
  { connection, prefix, state$ }: Pick<StreamClient, 'connection' | 'prefix' | 'state$'>,
  logger: Reporter,
): LeaseReleases {
  const subject = `${prefix}-released`;
  const told$ = messagesOn(connection, subject, (error) => {
    logger.error(
      `leases that are given back are noticed late: ${textOf(error)}`,
      'RX_WATCHER_LEASES_UNNOTICED',
    );
  }).pipe(
    map(() => undefined),
    // The application has closed its connection just now.
    catchError(() => EMPTY),
  );
  return {
    tell() {
      try {
        connection.publish(subject);
      } catch (error) {
        logger.debug(`nobody is told of a lease that was given back: ${textOf(error)}`);
      }
    },
    released$: state$.pipe(
      switchMap((state, index) => {
        if (state !== 'connected') return EMPTY;
        // What was told while the connection was lost is not told again.
        return index === 0 ? told$ : merge(told$, of(undefined));
      }),
      share(),
    ),
  };
}

/** What the keys of leases begin with. */
const PREFIX = 'lease';

/** A lease as it is stored; its revision is that of the key. */
interface Entry extends NewLease {
  /** Whose it is: the key may be a digest of the id. */
  readonly watcherId: string;
  /** Tells this write from any other, be it of the same again. */
  readonly write: string;
}

const keyOf = (watcherId: string): string => `${PREFIX}.${idToken(watcherId)}`;

/** Leases, and writes of them that can be waited for. */
export interface JetStreamLeasesTable extends LeaseTable {
  /** Resolves when no write is under way. */
  settled(): Promise<void>;
}

/** Keeps leases in a bucket; the fences are kept with what they are to protect. */
export function createLeasesTable(
  table: KvTable,
  { raiseFence }: Pick<CheckpointsTable, 'raiseFence'>,
  { tell, released$ }: LeaseReleases,
): JetStreamLeasesTable {
  const turns = createKeyedMutex();

  const look = async (watcherId: string) => {
    const { value, revision } = await table.get(keyOf(watcherId));
    return { entry: value && (JSON.parse(Buffer.from(value).toString()) as Entry), revision };
  };
  const put = async (entry: Entry, revision: number): Promise<number | undefined> => {
    try {
      return await table.put(keyOf(entry.watcherId), Buffer.from(JSON.stringify(entry)), revision);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      // A write whose answer was lost is sent again, and is in its own way then.
      const present = await look(entry.watcherId);
      return present.entry?.write === entry.write ? present.revision : undefined;
    }
  };

  return {
    get: (watcherId) =>
      defer(() => look(watcherId)).pipe(
        map(({ entry, revision }) => {
          if (entry === undefined) return undefined;
          const { owner, token } = entry;
          return { token, revision, ...(owner !== undefined && { owner }) };
        }),
      ),
    store: (watcherId, { owner, token }, revision) =>
      turns.run(watcherId, async () => {
        const entry = { watcherId, token, write: nuid.next(), ...(owner !== undefined && { owner }) };
        const written = await put(entry, revision);
        if (written === undefined) return undefined;
        await raiseFence(watcherId, token);
        if (owner === undefined) tell();
        return written;
      }),
    released$,
    settled: turns.settled,
  };
}
