import { defer, firstValueFrom } from 'rxjs';
import { LeaseLostError } from '../../../errors.ts';
import type {
  DeadLetterCounts,
  DeadLetterRecord,
  DeadLetterTable,
  NewDeadLetter,
} from '../../contract/dead-letter-table.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { headerText, parseHeader } from '../append/message-format.ts';
import { readMessage, type StreamClient } from '../connection/stream-client.ts';
import { toRecord } from '../read/message-record.ts';
import { createKeyedMutex } from '../util/keyed-mutex.ts';
import type { CheckpointsTable } from './checkpoints-table.ts';
import { idToken, type KvTable, type KvValue, RevisionConflict } from './kv-table.ts';

/** First tokens of the keys of dead letters and of the copies of their events. */
const DEAD_LETTER = 'letter';
const COPY = 'copy';

const keyOf = (kind: string, watcherId: string, seqNum: number): string =>
  `${kind}.${idToken(watcherId)}.${seqNum}`;

/** Encodes the copy of an event: a line with the sequence number and the encoded event header, and then the payload. */
const encodeCopy = (seqNum: number, header: string, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${seqNum} ${header}\n`), payload]);

function decodeCopy(value: Uint8Array): StoredRecord {
  const end = value.indexOf('\n'.charCodeAt(0));
  const line = Buffer.from(value.subarray(0, end)).toString();
  const space = line.indexOf(' ');
  const seqNum = Number(line.slice(0, space));
  return toRecord({ seqNum, header: line.slice(space + 1), data: value.subarray(end + 1) });
}

export interface JetStreamDeadLettersTable extends DeadLetterTable {
  /** Resolves when no write is pending. */
  settled(): Promise<void>;
}

/**
 * Creates the dead letter table in a bucket.
 *
 * NATS has no transaction over several keys. The copy of the event is therefore written first, then the dead letter, and the
 * checkpoint last. In this order, the checkpoint never passes an event before its dead letter is stored. The fencing token
 * is checked before and after the dead letter is written. If the lease was lost in between, the previous value of the dead
 * letter is restored.
 */
export function createDeadLettersTable(
  client: StreamClient,
  table: KvTable,
  checkpoints: Pick<CheckpointsTable, 'store' | 'checkFence'>,
): JetStreamDeadLettersTable {
  const mutex = createKeyedMutex();

  const copyEvent = async (watcherId: string, seqNum: number): Promise<void> => {
    const message = await firstValueFrom(readMessage(client, { seq: seqNum }));
    const header = headerText(message?.header);
    if (message === undefined || typeof parseHeader(header) === 'string') return;
    await table.set(keyOf(COPY, watcherId, seqNum), encodeCopy(seqNum, header, message.data));
  };
  const readAll = async (watcherId: string | undefined): Promise<readonly DeadLetterRecord[]> => {
    const tokens = watcherId === undefined ? '' : `.${idToken(watcherId)}`;
    const rows = await table.all(`${DEAD_LETTER}${tokens}`);
    const copies = new Map((await table.all(`${COPY}${tokens}`)).map(({ key, value }) => [key, value]));
    return rows
      .map(({ key, value }): DeadLetterRecord => {
        const deadLetter: Omit<DeadLetterRecord, 'record'> = JSON.parse(Buffer.from(value).toString());
        const copy = copies.get(`${COPY}${key.slice(DEAD_LETTER.length)}`);
        return copy === undefined ? deadLetter : { ...deadLetter, record: decodeCopy(copy) };
      })
      .sort((a, b) => a.seqNum - b.seqNum);
  };
  const count = async (watcherIds: readonly string[]): Promise<DeadLetterCounts> => {
    const ofTokens = new Map<string, number>();
    const keys = await table.keys(DEAD_LETTER);
    for (const key of keys) {
      const [, token = ''] = key.split('.');
      ofTokens.set(token, (ofTokens.get(token) ?? 0) + 1);
    }
    return { total: keys.length, ofWatchers: watcherIds.map((id) => ofTokens.get(idToken(id)) ?? 0) };
  };

  /**
   * Stores the checkpoint of a dead letter, unless the fencing token is outdated. Without a checkpoint, only checks the
   * token.
   */
  const storeCheckpoint = ({
    watcherId,
    partitionId = watcherId,
    checkpoint,
    fence,
  }: NewDeadLetter): Promise<void> =>
    checkpoint === undefined
      ? checkpoints.checkFence(partitionId, fence)
      : checkpoints.store(partitionId, checkpoint, fence);

  /**
   * Restores the previous value of a key. If another process has overwritten the key, that process has the lease, and the
   * new value remains.
   */
  const restore = async (key: string, previous: KvValue, revision: number): Promise<void> => {
    if (previous.value === undefined) {
      await table.delete(key, revision);
      return;
    }
    try {
      await table.put(key, previous.value, revision);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
    }
  };

  const tryStore = async (deadLetter: NewDeadLetter): Promise<void> => {
    const { watcherId, partitionId = watcherId, seqNum, details, fence } = deadLetter;
    const key = keyOf(DEAD_LETTER, watcherId, seqNum);
    // Read the revision before the token is checked. If another process then raises the token and stores its dead letter,
    // the `put` below fails with a conflict and does not overwrite that dead letter.
    const previous = await table.get(key);
    await checkpoints.checkFence(partitionId, fence);
    await copyEvent(watcherId, seqNum);
    const revision = await table.put(
      key,
      Buffer.from(JSON.stringify({ seqNum, details })),
      previous.revision,
    );
    try {
      await storeCheckpoint(deadLetter);
    } catch (error) {
      if (error instanceof LeaseLostError) await restore(key, previous, revision);
      throw error;
    }
  };
  const store = async (deadLetter: NewDeadLetter): Promise<void> => {
    try {
      await tryStore(deadLetter);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await store(deadLetter);
    }
  };

  return {
    store: (deadLetter) => mutex.run(deadLetter.watcherId, () => store(deadLetter)),
    read: (watcherId) => defer(() => readAll(watcherId)),
    count: (watcherIds) => defer(() => count(watcherIds)),
    delete: (watcherId, seqNum) =>
      mutex.run(watcherId, async () => {
        await table.delete(keyOf(DEAD_LETTER, watcherId, seqNum));
        await table.delete(keyOf(COPY, watcherId, seqNum));
      }),
    settled: mutex.settled,
  };
}
