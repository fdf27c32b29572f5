import { firstValueFrom } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import { Semaphore } from '../../../scheduling/semaphore.ts';
import { textOf } from '../../../validation/format-value.ts';
import { assertDuplicate } from '../../contract/assert-duplicate.ts';
import type { NewRecord, StoredRecord } from '../../contract/record.ts';
import { readMessage, type StreamClient } from '../connection/stream-client.ts';
import { toRecord } from '../read/message-record.ts';
import { formatHeader, headerText } from './message-format.ts';
import type { Publisher } from './publisher.ts';

/** Maximum number of stored events that are read at the same time. */
const MAX_READS = 64;

/** Result of the append of a record. */
export interface Appended {
  /** Sequence number of the record or, for a duplicate, of the event that was stored before. */
  readonly seqNum: number;
  /** Whether another append has stored an event with the same id before. */
  readonly isDuplicate: boolean;
  /** Event that was stored before; missing if the stream has deleted this event, or if the record is not a duplicate. */
  readonly held?: StoredRecord;
}

/** Record of an append that the server has acknowledged as a duplicate, and facts about this append. */
interface DuplicateRecord {
  readonly record: NewRecord;
  /** Timestamp of the append, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Whether the message of the append was sent more than once. If so, an earlier attempt may have stored the record. */
  readonly isResent: boolean;
}

/** Compares the record of an append with the stored record. */
export type ResolveDuplicate = (seqNum: number, duplicate: DuplicateRecord) => Promise<Appended>;

/**
 * Creates the function that decides whether another append has stored a record before.
 *
 * The server acknowledges a duplicate with the sequence number of the stored message. If this append has sent its message
 * twice, the stored message can be its first message, of which the acknowledgement was lost. Equal event headers show this,
 * and the record is then not a duplicate. `SnapshotBounds` needs the distinction, because it excludes only records that an
 * append has stored itself.
 *
 * @returns Function that throws a `DuplicateIdError` if the stored event has another operation, object type or key.
 */
export function createResolveDuplicate(client: StreamClient): ResolveDuplicate {
  const reads = new Semaphore(MAX_READS);

  /** Reads the message that was stored with the id of a record; `undefined` if the stream has deleted the message. */
  const readStored = async (seqNum: number, id: string) => {
    try {
      const message = await firstValueFrom(reads.limit(readMessage(client, { seq: seqNum })));
      if (message === undefined) return undefined;
      const header = headerText(message.header);
      return { header, record: toRecord({ seqNum, header, data: message.data }) };
    } catch (cause) {
      const reason = `cannot read event ${seqNum}, which has the id '${id}' already: ${textOf(cause)}`;
      throw new StoreError(`${reason}; the append stored nothing and can be called again`, { cause });
    }
  };

  return async (seqNum, { record, timestamp, isResent }) => {
    // A record without an id has a new message id, so only this append can have stored the message.
    if (record.id === undefined) return { seqNum, isDuplicate: false };
    const stored = await readStored(seqNum, record.id);
    if (stored === undefined) return { seqNum, isDuplicate: true };
    if (isResent && stored.header === formatHeader(record, timestamp)) return { seqNum, isDuplicate: false };
    assertDuplicate(stored.record, record, seqNum);
    return { seqNum, isDuplicate: true, held: stored.record };
  };
}

/**
 * Creates the function that appends one record.
 *
 * @returns Function that throws a `DuplicateIdError` if the stored event has another operation, object type or key.
 */
export const createAppendRecord =
  (publisher: Pick<Publisher, 'append'>, resolveDuplicate: ResolveDuplicate) =>
  async (record: NewRecord, timestamp: number): Promise<Appended> => {
    const { seqNum, isDuplicate, isResent } = await publisher.append(record, timestamp);
    if (!isDuplicate) return { seqNum, isDuplicate: false };
    return resolveDuplicate(seqNum, { record, timestamp, isResent });
  };
