import { types } from 'node:util';
import * as t from 'io-ts';
import type { DeadLetterRecord, NewDeadLetter } from '../engine/contract/dead-letter-table.ts';
import type { Event } from '../event/event.ts';
import { textOf } from '../validation/format-value.ts';
import { fields } from '../validation/options.ts';
import { listOf, validDate, watcherName, wholeFrom } from '../validation/types.ts';
import type { RecordCodec } from './serialization/record-codec.ts';

/** An error as it is kept: what can be told of it in text. */
export interface SerializedError {
  /** The name of its class; `typeof`, if something else than an `Error` was thrown. */
  readonly name: string;
  /** What it says. */
  readonly message: string;
  /** Where it was thrown. */
  readonly stack?: string;
  /** Its code, if it has one. */
  readonly code?: string;
}

/** What is told of an event that a watcher gave up. */
export interface DeadLetterRequest {
  /** The watcher. */
  readonly watcherId: string;
  /** The event. */
  readonly seqNum: number;
  /** Why it was given up: the last failure first, then what caused it, and so on. */
  readonly errors: readonly SerializedError[];
  /** How many attempts were made, from 1. */
  readonly attempts: number;
  /** When the first attempt was made. */
  readonly firstTime: Date;
  /** When the last one failed. */
  readonly lastTime: Date;
}

/** An event that a watcher gave up, and why. */
export interface DeadLetter<E extends Event = Event> extends DeadLetterRequest {
  /** The event; missing if it cannot be decoded. */
  readonly event?: E;
}

const optionalText = t.union([t.string, t.undefined], 'a string');

/** Decodes a letter to a copy. */
export const DeadLetterCodec = fields('a dead letter', {
  watcherId: watcherName,
  seqNum: wholeFrom(1),
  errors: listOf(
    fields('an error in text', {
      name: t.string,
      message: t.string,
      stack: optionalText,
      code: optionalText,
    }),
    'an array of errors in text',
  ),
  attempts: wholeFrom(1),
  firstTime: validDate,
  lastTime: validDate,
}) as t.Type<DeadLetterRequest, unknown>;

/** How deep causes are followed: an error may be its own cause. */
const DEEPEST = 16;

/** A property of what was thrown, if it can be read. */
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

/** Whoever throws may throw anything: what is no text is left out. */
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

/** An error and its causes, in text. */
export function serializedErrors(thrown: unknown): readonly SerializedError[] {
  const errors: SerializedError[] = [];
  for (let next = thrown; errors.length < DEEPEST; next = read(next, 'cause')) {
    errors.push(serializedError(next));
    if (!isError(next) || read(next, 'cause') === undefined) break;
  }
  return errors;
}

/** What the engine keeps of a letter. */
export const toNewDeadLetter = (
  { watcherId, seqNum, errors, attempts, firstTime, lastTime }: DeadLetterRequest,
  checkpoint: number | undefined,
  fence: number | undefined,
): NewDeadLetter => ({
  watcherId,
  seqNum,
  details: JSON.stringify({ errors, attempts, firstTime: firstTime.getTime(), lastTime: lastTime.getTime() }),
  ...(checkpoint !== undefined && { checkpoint }),
  ...(fence !== undefined && { fence }),
});

/** The event of a letter, if it can be decoded. */
function eventOf({ record }: DeadLetterRecord, codec: RecordCodec): Event | undefined {
  try {
    return record && codec.toEvents([record], 0)[0];
  } catch {
    return undefined;
  }
}

/** A letter of what the engine has kept. */
export function toDeadLetter(watcherId: string, stored: DeadLetterRecord, codec: RecordCodec): DeadLetter {
  const { errors, attempts, firstTime, lastTime } = JSON.parse(stored.details);
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
