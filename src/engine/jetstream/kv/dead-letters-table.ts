import { defer, firstValueFrom } from 'rxjs';
import { LeaseLostError } from '../../../errors.ts';
import type { DeadLetterRecord, DeadLetterTable, NewDeadLetter } from '../../contract/dead-letter-table.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { headerText, parseHeader } from '../append/message-format.ts';
import { readMessage, type StreamClient } from '../connection/stream-client.ts';
import { toRecord } from '../read/message-record.ts';
import { createKeyedMutex } from '../util/keyed-mutex.ts';
import type { CheckpointsTable } from './checkpoints-table.ts';
import { idToken, type KvTable, type KvValue, RevisionConflict } from './kv-table.ts';

/** What the keys of letters begin with, and those of the copies of their events. */
const LETTER = 'letter';
const COPY = 'copy';

const keyOf = (kind: string, watcherId: string, seqNum: number): string =>
  `${kind}.${idToken(watcherId)}.${seqNum}`;

/** A copy: the event's number and the text of its header in one line, and its payload. */
const encodeCopy = (seqNum: number, header: string, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${seqNum} ${header}\n`), payload]);

function decodeCopy(value: Uint8Array): StoredRecord {
  const end = value.indexOf('\n'.charCodeAt(0));
  const line = Buffer.from(value.subarray(0, end)).toString();
  const space = line.indexOf(' ');
  const seqNum = Number(line.slice(0, space));
  return toRecord({ seqNum, header: line.slice(space + 1), data: value.subarray(end + 1) });
}

/** Dead letters, and writes of them that can be waited for. */
export interface JetStreamDeadLettersTable extends DeadLetterTable {
  /** Resolves when no write is under way. */
  settled(): Promise<void>;
}

/**
 * Keeps dead letters in a bucket. There is no transaction over several of its keys: the copy of the event is written
 * first, then the letter, and the checkpoint last, so that nothing is passed before it is kept. Under a fencing token
 * the fence is looked at before and behind; a letter that turns out to have come too late is taken back.
 */
export function createDeadLettersTable(
  access: StreamClient,
  table: KvTable,
  checkpoints: Pick<CheckpointsTable, 'store' | 'checkFence'>,
): JetStreamDeadLettersTable {
  const turns = createKeyedMutex();

  const copyEvent = async (watcherId: string, seqNum: number): Promise<void> => {
    const message = await firstValueFrom(readMessage(access, { seq: seqNum }));
    const header = headerText(message?.header);
    if (message === undefined || typeof parseHeader(header) === 'string') return;
    await table.set(keyOf(COPY, watcherId, seqNum), encodeCopy(seqNum, header, message.data));
  };
  const all = async (watcherId: string): Promise<readonly DeadLetterRecord[]> => {
    const token = idToken(watcherId);
    const values = await table.all(`${LETTER}.${token}`);
    const copies = (await table.all(`${COPY}.${token}`)).map(decodeCopy);
    const records = new Map(copies.map((record) => [record.seqNum, record]));
    return values
      .map((value): Omit<DeadLetterRecord, 'record'> => JSON.parse(Buffer.from(value).toString()))
      .map((letter) => {
        const record = records.get(letter.seqNum);
        return record === undefined ? letter : { ...letter, record };
      })
      .sort((a, b) => a.seqNum - b.seqNum);
  };

  const moveOn = ({ watcherId, checkpoint, fence }: NewDeadLetter): Promise<void> =>
    checkpoint === undefined
      ? checkpoints.checkFence(watcherId, fence)
      : checkpoints.store(watcherId, checkpoint, fence);

  /** Puts back what was there before a letter; not if another has written his own since, who is in the right. */
  const takeBack = async (key: string, before: KvValue, revision: number): Promise<void> => {
    try {
      if (before.value === undefined) await table.remove(key, revision);
      else await table.put(key, before.value, revision);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
    }
  };

  const keep = async (letter: NewDeadLetter): Promise<void> => {
    const { watcherId, seqNum, details, fence } = letter;
    const key = keyOf(LETTER, watcherId, seqNum);
    // Read before the fence is looked at: the letter of whoever raises that later is not written over.
    const before = await table.get(key);
    await checkpoints.checkFence(watcherId, fence);
    await copyEvent(watcherId, seqNum);
    const revision = await table.put(key, Buffer.from(JSON.stringify({ seqNum, details })), before.revision);
    try {
      await moveOn(letter);
    } catch (error) {
      if (error instanceof LeaseLostError) await takeBack(key, before, revision);
      throw error;
    }
  };
  const keepOver = async (letter: NewDeadLetter): Promise<void> => {
    try {
      await keep(letter);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await keepOver(letter);
    }
  };

  return {
    store: (letter) => turns.run(letter.watcherId, () => keepOver(letter)),
    read: (watcherId) => defer(() => all(watcherId)),
    delete: (watcherId, seqNum) =>
      turns.run(watcherId, async () => {
        await table.remove(keyOf(LETTER, watcherId, seqNum));
        await table.remove(keyOf(COPY, watcherId, seqNum));
      }),
    settled: turns.settled,
  };
}
