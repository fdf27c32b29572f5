import { types } from 'node:util';
import * as t from 'io-ts';
import type { DeadLetterRecord, NewDeadLetter } from '../engine/contract/dead-letter-table.ts';
import type { Event } from '../event/event.ts';
import { textOf } from '../validation/format-value.ts';
import { fields } from '../validation/options.ts';
import { listOf, validDate, watcherName, wholeFrom } from '../validation/types.ts';
import type { RecordCodec } from './serialization/record-codec.ts';

/** Error as a dead letter stores it. */
export interface SerializedError {
  /** Name of the error class; the result of `typeof` if the thrown value is not an `Error`. */
  readonly name: string;
  /** Message of the error. */
  readonly message: string;
  /** Stack trace, if the error has one. */
  readonly stack?: string;
  /** Code of the error, if it is a string. */
  readonly code?: string;
}

/** Dead letter to store. */
export interface DeadLetterRequest {
  /** Id of the watcher that has given up the event. */
  readonly watcherId: string;
  /** Sequence number of the event that was given up. */
  readonly seqNum: number;
  /** Error of the last attempt, followed by its chain of causes. */
  readonly errors: readonly SerializedError[];
  /** Number of attempts before the watcher gave the event up, from 1. */
  readonly attempts: number;
  /** Time of the first attempt. */
  readonly firstTime: Date;
  /** Time at which the last attempt failed. */
  readonly lastTime: Date;
}

/** Stored dead letter: an event that a watcher has given up, with its errors. */
export interface DeadLetter<E extends Event = Event> extends DeadLetterRequest {
  /** Copy of the event; missing if it cannot be decoded, or if the log did not hold the event when it was copied. */
  readonly event?: E;
}

const optionalText = t.union([t.string, t.undefined], 'a string');

/** Validates a dead letter and decodes it to a copy. */
export const DeadLetterCodec = fields('a dead letter', {
  watcherId: watcherName,
  seqNum: wholeFrom(1),
  errors: listOf(
    fields('a serialized error', {
      name: t.string,
      message: t.string,
      stack: optionalText,
      code: optionalText,
    }),
    'an array of serialized errors',
  ),
  attempts: wholeFrom(1),
  firstTime: validDate,
  lastTime: validDate,
}) as t.Type<DeadLetterRequest, unknown>;

/** Maximum number of stored errors. The number is limited because a chain of causes can be circular. */
const MAX_ERRORS = 16;

/** Returns a property of a thrown error, or `undefined` if its getter throws. */
function read(thrown: Error, name: 'name' | 'stack' | 'code' | 'cause'): unknown {
  try {
    return (thrown as Partial<Record<typeof name, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error || types.isNativeError(thrown);
  } catch {
    return false;
  }
}

/** Serializes any thrown value. Omits properties that are not strings. */
function serializedError(thrown: unknown): SerializedError {
  const message = textOf(thrown);
  if (!isError(thrown)) return { name: typeof thrown, message };
  const [name, stack, code] = [read(thrown, 'name'), read(thrown, 'stack'), read(thrown, 'code')];
  return {
    name: typeof name === 'string' ? name : 'Error',
    message,
    ...(typeof stack === 'string' && { stack }),
    ...(typeof code === 'string' && { code }),
  };
}

/** Serializes a thrown value and its chain of causes: at most 16 errors, the thrown value first. */
export function serializedErrors(thrown: unknown): readonly SerializedError[] {
  const errors: SerializedError[] = [];
  for (let next = thrown; errors.length < MAX_ERRORS; next = read(next, 'cause')) {
    errors.push(serializedError(next));
    if (!isError(next) || read(next, 'cause') === undefined) break;
  }
  return errors;
}

/** Checkpoint and fencing token with which a dead letter is stored, and the partition to which both belong. */
type DeadLetterOwner = {
  readonly [P in 'checkpoint' | 'fence' | 'partitionId']: NewDeadLetter[P] | undefined;
};

/** Converts a dead letter to the record that an engine stores. */
export const toNewDeadLetter = (
  { watcherId, seqNum, errors, attempts, firstTime, lastTime }: DeadLetterRequest,
  { checkpoint, fence, partitionId }: DeadLetterOwner,
): NewDeadLetter => ({
  watcherId,
  seqNum,
  details: JSON.stringify({
    watcherId,
    errors,
    attempts,
    firstTime: firstTime.getTime(),
    lastTime: lastTime.getTime(),
  }),
  ...(checkpoint !== undefined && { checkpoint }),
  ...(fence !== undefined && { fence }),
  ...(partitionId !== undefined && { partitionId }),
});

/** Returns the event of a dead letter, or `undefined` if it is missing or cannot be decoded. */
function eventOf({ record }: DeadLetterRecord, codec: RecordCodec): Event | undefined {
  try {
    return record && codec.toEvents([record], 0)[0];
  } catch {
    return undefined;
  }
}

/** Converts the record of an engine back to a dead letter. */
export function toDeadLetter(stored: DeadLetterRecord, codec: RecordCodec): DeadLetter {
  const { watcherId, errors, attempts, firstTime, lastTime } = JSON.parse(stored.details);
  const event = eventOf(stored, codec);
  return {
    watcherId,
    seqNum: stored.seqNum,
    errors,
    attempts,
    firstTime: new Date(firstTime),
    lastTime: new Date(lastTime),
    ...(event && { event }),
  };
}
