import { PartialBatchError, StoreError } from '../../../errors.ts';
import type { NewRecord } from '../../contract/record.ts';
import type { Appended, ResolveDuplicate } from './append-record.ts';
import { publishBatch } from './publish-batch.ts';
import { BatchNotAtomic, type BatchRecord, DuplicateInBatch, type Publisher } from './publisher.ts';

/** Maximum number of messages of an atomic batch. The server rejects larger batches. */
export const MAX_BATCH = 1000;

/**
 * Maximum number of attempts at one batch. An attempt fails if the server remembers an id of the batch. The next attempt
 * omits the records that are already stored, and fails only if another process has stored further ids in the meantime.
 */
const MAX_ATTEMPTS = 10;

export interface AppendBatchDependencies {
  readonly publisher: Pick<Publisher, 'append' | 'appendBatch' | 'find' | 'messageIdFor'>;
  /** Compares a record with the stored record that has the same id. */
  readonly resolveDuplicate: ResolveDuplicate;
  /** Called if the server has stored the messages of a batch one by one. */
  readonly onNotAtomic: () => void;
}

/**
 * Creates the function that appends up to 1000 records as an atomic batch.
 *
 * The server rejects a batch that contains the id of a stored message, but does not report which message it is. The function
 * then looks up all ids, and appends the records that are not stored. If the batch was stored and its acknowledgement was
 * lost, the server also rejects the second attempt, and the lookup finds all messages.
 *
 * @returns Function that throws a `DuplicateIdError` if a stored event has another operation, object type or key than the
 *   record with its id. In this case, nothing is stored.
 */
export function createAppendBatch({ publisher, resolveDuplicate, onNotAtomic }: AppendBatchDependencies) {
  /**
   * Completes a batch on a server that has stored messages of the batch one by one. The server recognizes stored messages by
   * their ids.
   */
  const appendSingly = (batch: readonly BatchRecord[]): Promise<readonly Appended[]> => {
    onNotAtomic();
    return publishBatch(
      batch.map(({ record, timestamp, messageId }) => async () => {
        const { seqNum, isDuplicate } = await publisher.append(record, timestamp, { id: messageId });
        if (!isDuplicate) return { seqNum, isDuplicate: false };
        return resolveDuplicate(seqNum, { record, timestamp, isResent: true });
      }),
      true,
    );
  };

  return async (records: readonly NewRecord[], timestamp: number): Promise<readonly Appended[]> => {
    const all = records.map((record) => ({ record, timestamp, messageId: publisher.messageIdFor(record) }));
    const appended = new Map<BatchRecord, Appended>();
    let isResent = false;

    /** Looks up the messages of a rejected batch. Returns the records that are not stored yet. */
    const removeStored = async (batch: readonly BatchRecord[]): Promise<readonly BatchRecord[]> => {
      const lookUp = async (entry: BatchRecord) => {
        const seqNum = await publisher.find(entry.messageId);
        if (seqNum === undefined) return;
        appended.set(entry, await resolveDuplicate(seqNum, { record: entry.record, timestamp, isResent }));
      };
      await Promise.all(batch.map(lookUp));
      return batch.filter((entry) => !appended.has(entry));
    };
    const appendRest = async (batch: readonly BatchRecord[]): Promise<readonly BatchRecord[]> => {
      try {
        const { seqNum: last } = await publisher.appendBatch(batch);
        for (const [index, entry] of batch.entries()) {
          appended.set(entry, { seqNum: last - batch.length + 1 + index, isDuplicate: false });
        }
        return [];
      } catch (error) {
        if (error instanceof BatchNotAtomic) {
          const results = await appendSingly(batch);
          for (const [index, entry] of batch.entries()) appended.set(entry, results[index] as Appended);
          return [];
        }
        if (!(error instanceof DuplicateInBatch)) throw error;
        isResent ||= error.isResent;
        return removeStored(batch);
      }
    };

    let rest: readonly BatchRecord[] = all;
    for (let attempt = 1; rest.length > 0; attempt++) {
      if (attempt > MAX_ATTEMPTS) {
        throw new StoreError('no event of the batch was stored: other processes store events with its ids');
      }
      rest = await appendRest(rest);
    }
    return all.map((entry) => appended.get(entry) as Appended);
  };
}

/**
 * Appends any number of records in atomic batches of up to 1000. A batch starts when the previous batch is stored.
 *
 * @throws {@link PartialBatchError} if only the first batches were stored, or only some records of a batch.
 */
export async function appendInBatches(
  records: readonly NewRecord[],
  append: (batch: readonly NewRecord[]) => Promise<readonly Appended[]>,
): Promise<readonly Appended[]> {
  const appended: Appended[] = [];
  for (let start = 0; start < records.length; start += MAX_BATCH) {
    try {
      appended.push(...(await append(records.slice(start, start + MAX_BATCH))));
    } catch (cause) {
      const stored = appended.map(({ seqNum }) => seqNum);
      // A server that has no atomic batches can have stored some records of this batch.
      if (cause instanceof PartialBatchError) {
        throw new PartialBatchError([...stored, ...cause.stored], records.length, cause.cause);
      }
      if (start === 0) throw cause;
      throw new PartialBatchError(stored, records.length, cause);
    }
  }
  return appended;
}
