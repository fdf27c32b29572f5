import { readFile } from 'node:fs/promises';
import type { EventStore } from 'rx-watcher';
import { type ProcessProgram, type Program, startProcess, startThread } from '../support/program.ts';

/**
 * Duration of the leases, in milliseconds. It is longer than the delay of a process on a busy machine, so that no lease is
 * lost.
 */
const DURATION = 2000;

const SCRIPT = new URL('./watch-under-lease.mjs', import.meta.url);

/** Log of several programs, each of which runs watcher `w` under a lease. */
export interface SharedLog {
  /** Store with which the process of the test uses the log. */
  readonly store: EventStore;
  /** Options with which a program opens the log. */
  readonly options: object;
  /** File in which the programs note the starts and ends of their attempts. */
  readonly notes: string;
}

/** Whether an attempt of a program ends in the next turn of the event loop, or at a line of its input. */
export type Pace = 'turns' | 'lines';

const argumentsOf = ({ options, notes }: SharedLog, owner: string, pace: Pace, duration: number) =>
  [SCRIPT, JSON.stringify(options), notes, owner, duration, pace] as const;

/** Starts a program on the log in a process. */
export const startSharing = (
  log: SharedLog,
  owner: string,
  pace: Pace = 'turns',
  duration = DURATION,
): ProcessProgram => startProcess(...argumentsOf(log, owner, pace, duration));

/** Starts a program on the log in a thread. */
export const startSharingThread = (log: SharedLog, owner: string, pace: Pace, duration: number): Program =>
  startThread(...argumentsOf(log, owner, pace, duration));

/** Reads the notes of all programs, in order. */
export const notesOf = async ({ notes }: SharedLog) =>
  (await readFile(notes, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [owner: string, what: string, seqNum: string]);

/** Returns the sequence numbers of the events that a program has started to handle. */
export const begunBy = async (log: SharedLog, owner: string): Promise<readonly number[]> =>
  (await notesOf(log))
    .filter(([by, what]) => by === owner && what === 'begin')
    .map(([, , seqNum]) => Number(seqNum));
