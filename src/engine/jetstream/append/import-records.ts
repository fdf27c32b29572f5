import { nuid } from '@nats-io/transport-node';
import { firstValueFrom } from 'rxjs';
import { PartialBatchError } from '../../../errors.ts';
import type { EventLog } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { publishBatch } from './publish-batch.ts';
import type { Publisher } from './publisher.ts';
import { SequenceConflict } from './publisher.ts';

/** Dependencies of `createImportRecords`. */
export interface ImportDependencies {
  /** Client of the stream. */
  readonly client: StreamClient;
  /** Publisher of the stream. */
  readonly publisher: Pick<Publisher, 'append'>;
  /** Reads the log bounds. */
  readonly bounds: EventLog['bounds'];
  /** Returns whether each message must wait for the acknowledgement of the previous message. */
  readonly isClustered: () => boolean;
}

/**
 * Creates the function that appends records of another log with their sequence numbers. If the import is interrupted, the
 * stored records are a contiguous beginning of the list. The server stores the first record only directly after the previous
 * sequence number, and each further record only directly after the previous record. This is true even if other processes
 * append.
 *
 * If the stream has never contained a message, a purge sets the first sequence number of the stream. However, the server
 * (from version 2.9) compares the precondition with a last sequence number that still counts from 0 until the server
 * restarts, and rejects the first record. The rejection contains the number that the server expects, and the record is sent
 * again with this number.
 *
 * @returns Function that throws a `PartialBatchError` if only some records were stored.
 */
export function createImportRecords({ client, publisher, bounds, isClustered }: ImportDependencies) {
  const { request, manager, stream } = client;
  const readLatest = async () => (await firstValueFrom(bounds())).latest;

  /**
   * Stores the first record. Returns `false` without storing the record if the stream did not end at the previous sequence
   * number.
   */
  const storeFirst = async (id: string, record: StoredRecord): Promise<boolean> => {
    const publishAfter = (afterSequence: number) =>
      publisher.append(record, record.timestamp, { id, afterSequence }).then(
        () => undefined,
        (error) => {
          if (error instanceof SequenceConflict) return error;
          throw error;
        },
      );
    const after = record.seqNum - 1;
    const conflict = await publishAfter(after);
    if (conflict === undefined) return true;
    if (conflict.last === undefined || (await readLatest()) !== after) return false;
    return (await publishAfter(conflict.last)) === undefined;
  };
  const storeRest = async (
    idOf: (seqNum: number) => string,
    first: number,
    rest: readonly StoredRecord[],
  ) => {
    const publish = (record: StoredRecord) => () => {
      const { seqNum, timestamp } = record;
      return publisher.append(record, timestamp, { id: idOf(seqNum), afterId: idOf(seqNum - 1) });
    };
    try {
      await publishBatch(rest.map(publish), isClustered());
    } catch (error) {
      const { stored, cause } = error instanceof PartialBatchError ? error : { stored: [], cause: error };
      throw new PartialBatchError([first, ...stored], 1 + rest.length, cause);
    }
  };

  return async (after: number, records: readonly StoredRecord[]): Promise<boolean> => {
    const latest = await readLatest();
    if (latest > 0 && latest !== after) return false;
    if (latest < after) {
      await firstValueFrom(
        request('the import failed', () => manager.streams.purge(stream, { seq: after + 1 })),
      );
    }
    const [first, ...rest] = records;
    if (first === undefined) return true;
    const idPrefix = nuid.next();
    const idOf = (seqNum: number) => `${idPrefix}-${seqNum}`;
    if (!(await storeFirst(idOf(first.seqNum), first))) return false;
    await storeRest(idOf, first.seqNum, rest);
    return true;
  };
}
