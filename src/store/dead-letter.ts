import * as t from 'io-ts';
import type { Event } from '../event/event.ts';
import { described } from '../validation/described.ts';
import { wholeFrom } from '../validation/numbers.ts';
import { watcherName } from '../validation/parts.ts';
import type { LetterDraft, StoredLetter } from './dead-letter-log.ts';
import type { RecordCodec } from './record-codec.ts';

/** An error as it is kept: what can be told of it in text. */
export interface LetterError {
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
  readonly errors: readonly LetterError[];
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

const time = described(
  'a valid Date',
  (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime()),
);

/** Tells what is wrong with a letter. */
export const DeadLetterCodec = t.type({
  watcherId: watcherName,
  seqNum: wholeFrom(1),
  errors: t.readonlyArray(
    t.intersection([
      t.type({ name: t.string, message: t.string }),
      t.partial({ stack: t.string, code: t.string }),
    ]),
  ),
  attempts: wholeFrom(1),
  firstTime: time,
  lastTime: time,
});

/** How deep causes are followed: an error may be its own cause. */
const DEEPEST = 16;

const letterError = (error: unknown): LetterError => {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, message, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name, message, ...(stack !== undefined && { stack }), ...code };
};

/** An error and its causes, in text. */
export function letterErrors(error: unknown): readonly LetterError[] {
  const errors: LetterError[] = [];
  for (let next: unknown = error; errors.length < DEEPEST; next = next.cause) {
    errors.push(letterError(next));
    if (!(next instanceof Error) || next.cause === undefined) break;
  }
  return errors;
}

/** What the engine keeps of a letter. */
export const toLetterDraft = (
  { watcherId, seqNum, errors, attempts, firstTime, lastTime }: DeadLetterRequest,
  checkpoint: number | undefined,
): LetterDraft => ({
  watcherId,
  seqNum,
  details: JSON.stringify({ errors, attempts, firstTime: firstTime.getTime(), lastTime: lastTime.getTime() }),
  ...(checkpoint !== undefined && { checkpoint }),
});

/** The event of a letter, if it can be decoded. */
function eventOf({ record }: StoredLetter, codec: RecordCodec): Event | undefined {
  try {
    return record && codec.toEvent(record);
  } catch {
    return undefined;
  }
}

/** A letter of what the engine has kept. */
export function toDeadLetter(watcherId: string, stored: StoredLetter, codec: RecordCodec): DeadLetter {
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
