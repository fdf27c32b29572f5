import * as t from 'io-ts';
import { defer, from, map, type Observable, switchMap } from 'rxjs';
import type { DeadLetterTable } from '../engine/contract/dead-letter-table.ts';
import type { EventLog } from '../engine/contract/event-log.ts';
import { type Fault, InvalidOptionsError, InvalidRequestError } from '../errors.ts';
import { check } from '../validation/check.ts';
import { watcherName, wholeFrom } from '../validation/types.ts';
import {
  type DeadLetter,
  DeadLetterCodec,
  type DeadLetterRequest,
  toDeadLetter,
  toNewDeadLetter,
} from './dead-letter.ts';
import { durableWrite } from './durable-write.ts';
import type { RecordCodec } from './serialization/record-codec.ts';

const DeadLetterLists = t.partial({ watcherId: watcherName });
const DeadLetterOf = t.type({ watcherId: watcherName, seqNum: wholeFrom(1) });
const Owner = t.partial({ checkpoint: wholeFrom(0), partitionId: watcherName });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('dead letter', faults);
const invalidDeadLetter = (faults: readonly Fault[]) => new InvalidRequestError(faults);

/** Methods of a store for dead letters. They validate arguments, and convert dead letters to records of the engine and back. */
export interface DeadLetters {
  /** Stores a dead letter and, atomically, the checkpoint of its watcher if a checkpoint is given. */
  store(
    deadLetter: DeadLetterRequest,
    checkpoint?: number,
    fence?: number,
    partitionId?: string,
  ): Promise<void>;
  /** Emits the dead letters of a watcher, or of all watchers if no id is given, in the order of their sequence numbers. */
  read(watcherId?: string): Observable<DeadLetter>;
  /** Deletes a dead letter if it exists. */
  delete(watcherId: string, seqNum: number): Promise<void>;
}

/** Creates the dead letters of a store on the dead letter table of its engine. */
export function createDeadLetters({ deadLetters }: EventLog, codec: RecordCodec): DeadLetters {
  const table = (): DeadLetterTable => {
    if (deadLetters !== undefined) return deadLetters;
    throw new InvalidOptionsError('engine', [
      { path: 'deadLetters', message: 'must be a dead letter table; the engine has none' },
    ]);
  };
  return {
    store(deadLetter, checkpoint, fence, partitionId) {
      const checked = check(DeadLetterCodec, deadLetter, invalidDeadLetter);
      check(Owner, { checkpoint, partitionId }, invalid);
      return durableWrite(table().store(toNewDeadLetter(checked, { checkpoint, fence, partitionId })));
    },
    read: (watcherId) =>
      defer(() => {
        check(DeadLetterLists, { watcherId }, invalid);
        return table().read(watcherId);
      }).pipe(
        // An engine can return the dead letters of several watchers in any order, so sort them.
        switchMap((records) => from([...records].sort((a, b) => a.seqNum - b.seqNum))),
        map((record) => toDeadLetter(record, codec)),
      ),
    async delete(watcherId, seqNum) {
      check(DeadLetterOf, { watcherId, seqNum }, invalid);
      await table().delete(watcherId, seqNum);
    },
  };
}
