import { defer, of } from 'rxjs';
import { doneAtOnce } from '../../flow/done-at-once.ts';
import type { DeadLetterLog, StoredLetter } from '../../store/dead-letter-log.ts';
import type { StoredRecord } from '../../store/record.ts';
import { started } from '../../store/started.ts';

/** Dead letters in a map, beside a log in an array. */
export function createMemoryLetters(
  recordOf: (seqNum: number) => StoredRecord | undefined,
  setCheckpoint: (watcherId: string, seqNum: number) => void,
  checkFence: (watcherId: string, fence: number | undefined) => void,
): DeadLetterLog {
  const letters = new Map<string, Map<number, StoredLetter>>();
  return {
    store: ({ watcherId, seqNum, details, checkpoint, fence }) =>
      started(() => {
        checkFence(watcherId, fence);
        const own = letters.get(watcherId) ?? new Map<number, StoredLetter>();
        const record = recordOf(seqNum) ?? own.get(seqNum)?.record;
        letters.set(watcherId, own.set(seqNum, { seqNum, details, ...(record && { record }) }));
        if (checkpoint !== undefined) setCheckpoint(watcherId, checkpoint);
        return doneAtOnce(undefined);
      }),
    read: (watcherId) =>
      defer(() => of([...(letters.get(watcherId)?.values() ?? [])].sort((a, b) => a.seqNum - b.seqNum))),
    async delete(watcherId, seqNum) {
      letters.get(watcherId)?.delete(seqNum);
    },
  };
}
