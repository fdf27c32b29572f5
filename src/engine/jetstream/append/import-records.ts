import { nuid } from '@nats-io/transport-node';
import { firstValueFrom } from 'rxjs';
import { PartialBatchError, StoreError } from '../../../errors.ts';
import type { EventLog } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { MAX_BATCH } from './append-batch.ts';
import { publishBatch } from './publish-batch.ts';
import { BatchNotAtomic, DuplicateInBatch, type Publisher, SequenceConflict } from './publisher.ts';

export interface ImportDependencies {
  readonly client: StreamClient;
  readonly publisher: Pick<Publisher, 'append' | 'appendBatch' | 'find'>;
  /** Whether the stream permits atomic batches. */
  readonly atomicBatches: boolean;
  readonly bounds: EventLog['bounds'];
  /** Returns whether each message must wait for the acknowledgement of the previous message. */
  readonly isClustered: () => boolean;
}

/**
 * Creates the function that appends records of another log with their sequence numbers. If the import is interrupted, the
 * stored records are a contiguous beginning of the list, even if other processes append.
 *
 * If the stream permits atomic batches, the server stores each batch only directly after the previous sequence number.
 * Otherwise, it stores the first record only directly after the previous sequence number, and each further record only
 * directly after the previous record.
 *
 * If the stream has never contained a message, a purge sets the first sequence number of the stream. However, the server
 * (from version 2.9) compares the precondition with a last sequence number that still counts from 0 until the server
 * restarts, and rejects the first record. The rejection contains the number that the server expects, and the record is sent
 * again with this number.
 *
 * @returns Function that throws a `PartialBatchError` if only some records were stored, and a `StoreError` if an older server
 *   has stored a batch one record at a time.
 */
export function createImportRecords(dependencies: ImportDependencies) {
  const { client, publisher, atomicBatches, bounds, isClustered } = dependencies;
  const { request, manager, stream } = client;
  const readLatest = async () => (await firstValueFrom(bounds())).latest;

  /**
   * Stores records directly after a sequence number. Returns `false` without storing a record if the stream does not end
   * with this number.
   *
   * @param publish - Stores the records if the last sequence number of the stream, as the server counts it, is the given
   *   one.
   */
  const storeAfter = async (after: number, publish: (afterSequence: number) => Promise<unknown>) => {
    const publishAfter = (afterSequence: number): Promise<SequenceConflict | undefined> =>
      publish(afterSequence).then(
        () => undefined,
        (error) => {
          if (error instanceof SequenceConflict) return error;
          throw error;
        },
      );
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
  const importSingly = async (records: readonly StoredRecord[]): Promise<boolean> => {
    const [first, ...rest] = records;
    if (first === undefined) return true;
    const { seqNum, timestamp } = first;
    const idPrefix = nuid.next();
    const idOf = (number: number) => `${idPrefix}-${number}`;
    const isStored = await storeAfter(seqNum - 1, (afterSequence) =>
      publisher.append(first, timestamp, { id: idOf(seqNum), afterSequence }),
    );
    if (!isStored) return false;
    await storeRest(idOf, seqNum, rest);
    return true;
  };

  const importBatch = async (records: readonly StoredRecord[]): Promise<boolean> => {
    const [first] = records;
    if (first === undefined) return true;
    const idPrefix = nuid.next();
    const firstId = `${idPrefix}-${first.seqNum}`;
    const batch = records.map((record) => ({
      record,
      timestamp: record.timestamp,
      messageId: `${idPrefix}-${record.seqNum}`,
    }));
    const publish = async (afterSequence: number): Promise<void> => {
      try {
        await publisher.appendBatch(batch, afterSequence);
      } catch (error) {
        // The ids are new. If the server knows them, an earlier attempt has stored the batch, and the acknowledgement was
        // lost.
        if (error instanceof DuplicateInBatch) return;
        if (error instanceof SequenceConflict && (await publisher.find(firstId)) !== undefined) return;
        if (!(error instanceof BatchNotAtomic)) throw error;
        const reason = 'the server has stored the records one by one, and other records may be between them';
        throw new StoreError(`the outcome of the import is unknown: ${reason}`, { cause: error });
      }
    };
    return storeAfter(first.seqNum - 1, publish);
  };
  const importInBatches = async (records: readonly StoredRecord[]): Promise<boolean> => {
    for (let start = 0; start < records.length; start += MAX_BATCH) {
      try {
        if (await importBatch(records.slice(start, start + MAX_BATCH))) continue;
        if (start === 0) return false;
        throw new StoreError('another process has appended');
      } catch (cause) {
        if (start === 0) throw cause;
        const stored = records.slice(0, start).map(({ seqNum }) => seqNum);
        throw new PartialBatchError(stored, records.length, cause);
      }
    }
    return true;
  };

  return async (after: number, records: readonly StoredRecord[]): Promise<boolean> => {
    const latest = await readLatest();
    if (latest > 0 && latest !== after) return false;
    if (latest < after) {
      await firstValueFrom(
        request('the import failed', () => manager.streams.purge(stream, { seq: after + 1 })),
      );
    }
    return atomicBatches ? importInBatches(records) : importSingly(records);
  };
}
