import { nuid } from '@nats-io/transport-node';
import { firstValueFrom } from 'rxjs';
import { PartialBatchError } from '../../../errors.ts';
import type { EventLog } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { publishBatch } from './publish-batch.ts';
import type { Publisher } from './publisher.ts';
import { SequenceConflict } from './publisher.ts';

/** What restores records of another log. */
export interface ImportParts {
  /** The stream. */
  readonly access: StreamClient;
  /** What publishes into it. */
  readonly appender: Pick<Publisher, 'append'>;
  /** Reads how far the stream goes. */
  readonly bounds: EventLog['bounds'];
  /** Whether each message is to wait for the one before. */
  readonly isClustered: () => boolean;
}

/**
 * Makes what writes records of another log under the numbers that they have there. What is interrupted leaves a
 * beginning of them: the server takes the first only if it follows on the number before, and each other one only behind
 * the message before it, whoever else writes.
 *
 * A stream that never held a message begins at a number when it is purged up to there. The server (2.9 at least) then
 * counts what is expected from 0 until it is started anew; its refusal tells where that count is.
 *
 * @throws PartialBatchError if some were stored, and others not.
 */
export function createImportRecords({ access, appender, bounds, isClustered }: ImportParts) {
  const { request, manager, stream } = access;
  const readLatest = async () => (await firstValueFrom(bounds())).latest;

  /** Stores the first record; tells whether it follows on. */
  const begin = async (id: string, record: StoredRecord): Promise<boolean> => {
    const follow = (afterSequence: number) =>
      appender.append(record, record.timestamp, { id, afterSequence }).then(
        () => undefined,
        (error) => {
          if (error instanceof SequenceConflict) return error;
          throw error;
        },
      );
    const after = record.seqNum - 1;
    const conflict = await follow(after);
    if (conflict === undefined) return true;
    if (conflict.last === undefined || (await readLatest()) !== after) return false;
    return (await follow(conflict.last)) === undefined;
  };
  const goOn = async (idOf: (seqNum: number) => string, first: number, rest: readonly StoredRecord[]) => {
    const publish = (record: StoredRecord) => () => {
      const { seqNum, timestamp } = record;
      return appender.append(record, timestamp, { id: idOf(seqNum), afterId: idOf(seqNum - 1) });
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
        request('the copy failed', () => manager.streams.purge(stream, { seq: after + 1 })),
      );
    }
    const [first, ...rest] = records;
    if (first === undefined) return true;
    const chain = nuid.next();
    const idOf = (seqNum: number) => `${chain}-${seqNum}`;
    if (!(await begin(idOf(first.seqNum), first))) return false;
    await goOn(idOf, first.seqNum, rest);
    return true;
  };
}
