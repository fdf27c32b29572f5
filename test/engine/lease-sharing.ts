import { readFile } from 'node:fs/promises';
import type { EventStore } from 'rx-watcher';
import { type ProcessProgram, type Program, startProcess, startThread } from './program.ts';

/** How long their leases last, in milliseconds: what a busy machine may hold up a process by is less. */
const DURATION = 2000;

/** A log that programs share, each of which runs watcher `w` under a lease. */
export interface SharedLog {
  /** The log in this process. */
  readonly store: EventStore;
  /** What a program opens it by. */
  readonly options: object;
  /** The file in which they note what they do. */
  readonly notes: string;
}

/** Whether a program ends an attempt by itself, or for each line that it is told. */
export type Pace = 'turns' | 'lines';

const argumentsOf = ({ options, notes }: SharedLog, owner: string, pace: Pace, duration: number) =>
  ['watch-under-lease.mjs', JSON.stringify(options), notes, owner, duration, pace] as const;

/** Starts one of those who share it, in a process. */
export const startSharing = (
  log: SharedLog,
  owner: string,
  pace: Pace = 'turns',
  duration = DURATION,
): ProcessProgram => startProcess(...argumentsOf(log, owner, pace, duration));

/** The same in a thread. */
export const startSharingThread = (log: SharedLog, owner: string, pace: Pace, duration: number): Program =>
  startThread(...argumentsOf(log, owner, pace, duration));

/** What they have noted, in order. */
export const notesOf = async ({ notes }: SharedLog) =>
  (await readFile(notes, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [owner: string, what: string, seqNum: string]);

/** The numbers of the events that one of them has begun with. */
export const begunBy = async (log: SharedLog, owner: string): Promise<readonly number[]> =>
  (await notesOf(log))
    .filter(([by, what]) => by === owner && what === 'begin')
    .map(([, , seqNum]) => Number(seqNum));
