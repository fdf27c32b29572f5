import { defer, firstValueFrom } from 'rxjs';
import type { DeadLetterLog, StoredLetter } from '../../store/dead-letter-log.ts';
import type { StoredRecord } from '../../store/record.ts';
import { idToken } from './checkpoint-table.ts';
import { createInTurn } from './in-turn.ts';
import type { KvTable } from './kv-table.ts';
import { toRecord } from './message-record.ts';
import { headerText, parseHeader } from './record-header.ts';
import { readMessage, type StreamAccess } from './stream-access.ts';

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
export interface LetterTable extends DeadLetterLog {
  /** Resolves when no write is under way. */
  settled(): Promise<void>;
}

/**
 * Keeps dead letters in a bucket. There is no transaction over several of its keys: the copy of the event is written
 * first, then the letter, and the checkpoint last, so that nothing is passed before it is kept.
 */
export function createLetterTable(
  access: StreamAccess,
  table: KvTable,
  storeCheckpoint: (watcherId: string, seqNum: number) => Promise<void>,
): LetterTable {
  const turns = createInTurn();

  const copyEvent = async (watcherId: string, seqNum: number): Promise<void> => {
    const message = await firstValueFrom(readMessage(access, { seq: seqNum }));
    const header = headerText(message?.header);
    if (message === undefined || typeof parseHeader(header) === 'string') return;
    await table.set(keyOf(COPY, watcherId, seqNum), encodeCopy(seqNum, header, message.data));
  };
  const all = async (watcherId: string): Promise<readonly StoredLetter[]> => {
    const token = idToken(watcherId);
    const values = await table.all(`${LETTER}.${token}`);
    const copies = (await table.all(`${COPY}.${token}`)).map(decodeCopy);
    const records = new Map(copies.map((record) => [record.seqNum, record]));
    return values
      .map((value): Omit<StoredLetter, 'record'> => JSON.parse(Buffer.from(value).toString()))
      .map((letter) => {
        const record = records.get(letter.seqNum);
        return record === undefined ? letter : { ...letter, record };
      })
      .sort((a, b) => a.seqNum - b.seqNum);
  };

  return {
    store: ({ watcherId, seqNum, details, checkpoint }) =>
      turns.run(watcherId, async () => {
        await copyEvent(watcherId, seqNum);
        await table.set(keyOf(LETTER, watcherId, seqNum), Buffer.from(JSON.stringify({ seqNum, details })));
        if (checkpoint !== undefined) await storeCheckpoint(watcherId, checkpoint);
      }),
    read: (watcherId) => defer(() => all(watcherId)),
    delete: (watcherId, seqNum) =>
      turns.run(watcherId, async () => {
        await table.remove(keyOf(LETTER, watcherId, seqNum));
        await table.remove(keyOf(COPY, watcherId, seqNum));
      }),
    settled: turns.settled,
  };
}
