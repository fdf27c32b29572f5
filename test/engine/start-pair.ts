import { span } from '../../src/testing/conformance/support/requests.ts';
import type { ProcessProgram } from '../support/program.ts';
import { type SharedLog, startSharing } from './lease-sharing.ts';

/**
 * Starts two programs that share a watcher. Resolves when the first program handles event 5 and the second is in standby.
 *
 * @param ofFirst - Log with the options of the first program.
 */
export async function startPair(
  log: SharedLog,
  ofFirst = log,
): Promise<readonly [first: ProcessProgram, second: ProcessProgram]> {
  const first = startSharing(ofFirst, 'first', 'lines');
  await first.readUntil('begin 1');
  const second = startSharing(log, 'second');
  for (const seqNum of span(2, 5)) {
    first.writeLine('go on');
    await first.readUntil(`begin ${seqNum}`);
  }
  await second.readUntil('standby');
  return [first, second];
}
