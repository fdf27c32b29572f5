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
import type { RecordCodec } from './serialization/record-codec.ts';

const DeadLetterLists = t.type({ watcherId: watcherName });
const DeadLetterOf = t.type({ watcherId: watcherName, seqNum: wholeFrom(1) });
const Checkpoint = t.partial({ checkpoint: wholeFrom(0) });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('dead letter', faults);
const invalidDeadLetter = (faults: readonly Fault[]) => new InvalidRequestError(faults);

/** The dead letters of a store. */
export interface DeadLetters {
  /** Keeps one, and moves the checkpoint with it. */
  store(letter: DeadLetterRequest, checkpoint?: number, fence?: number): Promise<void>;
  /** Reads those of a watcher. */
  read(watcherId: string): Observable<DeadLetter>;
  /** Removes one. */
  delete(watcherId: string, seqNum: number): Promise<void>;
}

/** Makes them of what an engine keeps. */
export function createDeadLetters({ deadLetters }: EventLog, codec: RecordCodec): DeadLetters {
  const kept = (): DeadLetterTable => {
    if (deadLetters !== undefined) return deadLetters;
    throw new InvalidOptionsError('engine', [{ path: 'deadLetters', message: 'it keeps no dead letters' }]);
  };
  return {
    store(letter, checkpoint, fence) {
      const checked = check(DeadLetterCodec, letter, invalidDeadLetter);
      check(Checkpoint, { checkpoint }, invalid);
      return kept().store(toNewDeadLetter(checked, checkpoint, fence));
    },
    read: (watcherId) =>
      defer(() => {
        check(DeadLetterLists, { watcherId }, invalid);
        return kept().read(watcherId);
      }).pipe(
        switchMap((letters) => from(letters)),
        map((letter) => toDeadLetter(watcherId, letter, codec)),
      ),
    async delete(watcherId, seqNum) {
      check(DeadLetterOf, { watcherId, seqNum }, invalid);
      await kept().delete(watcherId, seqNum);
    },
  };
}
