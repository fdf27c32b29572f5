import { TABLES_HEADING, TOTALS_HEADING } from '../../docs/examples/git-history/report.ts';
import type { ProcessEnd, RunningProcess } from '../support/running-process.ts';
import { type ProgramOptions, startProgram } from './start-program.ts';

export const startDemo = (args: readonly string[], options?: ProgramOptions): RunningProcess =>
  startProgram('git-history', args, options);

export const runDemo = (args: readonly string[], options?: ProgramOptions): Promise<ProcessEnd> =>
  startDemo(args, options).ended;

/** Returns the part of the output that depends on the history alone. */
export function tablesOf({ stdout, stderr, code }: ProcessEnd): string {
  const begin = stdout.indexOf(TABLES_HEADING);
  const end = stdout.indexOf(TOTALS_HEADING);
  if (begin < 0 || end < begin) throw new Error(`no tables (exit code ${code}): ${stdout}${stderr}`);
  return stdout.slice(begin, end);
}

const toNumber = (text = 'nothing') => Number(text.replaceAll(',', ''));

/** Returns the number of events in the store before the run. */
export const heldBefore = ({ stdout }: ProcessEnd): number =>
  toNumber(/^store .*, ([\d,]+) events$/m.exec(stdout)?.[1]);

/** Returns the number of events that the run has stored. */
export const storedIn = ({ stdout }: ProcessEnd): number =>
  toNumber(/([\d,]+) events stored/.exec(stdout)?.[1]);

/** Returns the sequence number after which the user has stopped the run. */
export const stoppedAfter = ({ stdout }: ProcessEnd): number =>
  toNumber(/\nstopped after event ([\d,]+); run the same command again to continue\n$/.exec(stdout)?.[1]);

/** Returns the number of events that each of the three watchers has handled in the run. */
export const handledIn = ({ stdout }: ProcessEnd): number[] =>
  [...stdout.matchAll(/([\d,]+) events handled/g)].map((match) => toNumber(match[1]));
